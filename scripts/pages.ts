import { readFileSync } from "node:fs";
import { outputFormats } from "../src/dialect/elevenlabs/formats.ts";
import { differences } from "../src/dialect/elevenlabs/compatibility.ts";
import { metricEntries } from "../src/telemetry/metric-table.ts";
import { warnings } from "../src/protocol/warnings.ts";
import { type SettingRow, settingRows } from "../src/settings.ts";
import { downloadBytesOf, publicVoices } from "../src/voices/public-voices.ts";
import { connectionsPage } from "./connections-page.ts";
import { errorsPage } from "./errors-page.ts";
import { keysPage } from "./keys-page.ts";
import { notice, table } from "./markdown.ts";
import { normalizationPage } from "./normalization-page.ts";
import { performancePage } from "./performance-page.ts";
import { whyPages } from "./why-pages.ts";

/** The pages of docs/ that tables in the code know better than any author, by path below it. */
export const pages: Readonly<Record<string, () => string>> = {
  "errors.md": errorsPage,
  "settings.md": settingsPage,
  "formats.md": formatsPage,
  "keys.md": keysPage,
  "connections.md": connectionsPage,
  "compatibility.md": compatibilityPage,
  "extensions.md": extensionsPage,
  "metrics.md": metricsPage,
  "normalization.md": normalizationPage,
  "performance.md": performancePage,
  "voices.md": voicesPage,
  ...whyPages,
};

const readGuide = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
/** What tables cannot know. */
const extensionsGuide = readGuide("extensions-guide.md");
const metricsGuide = readGuide("metrics-guide.md");
const voicesGuide = readGuide("voices-guide.md");

function settingsPage(): string {
  const rows = Object.entries(settingRows).map(([name, row]: [string, SettingRow]) => [
    row.env.map((variable) => `\`${variable}\``).join(", "),
    row.flag === undefined ? "" : `\`--${row.flag}\``,
    `\`${name}\``,
    row.fallback === undefined ? "" : `\`${row.fallback}\``,
    row.expected,
    row.meaning,
  ]);
  return `# Settings

${notice}

From lowest to highest rank: the default, \`syrinx.config.json\` in the working folder (or the file named
by \`--config\`), the environment, the flags of \`syrinx serve\`. An unknown or bad setting stops the
start with one line that names it, and exit code 2.

${table(["environment", "flag", "in the file", "default", "value", "meaning"], rows)}
`;
}

function formatsPage(): string {
  const rows = outputFormats.map(({ name, format, contentType, where }) => [
    `\`${name}\``,
    `\`${contentType}\``,
    String(format.sampleRateHz),
    format.bitrateBps === undefined ? "" : String(format.bitrateBps / 1000),
    where === "any" ? "sockets, streams, whole files" : "whole files",
  ]);
  return `# Output formats

${notice}

The values of \`output_format\`. Audio is mono. PCM is signed 16-bit little-endian without a header; MP3
has neither ID3 tag nor Xing frame; Opus is an Ogg stream. Each stream has one encoder from its first
byte to its last, so the pieces joined are one valid file, and a piece alone need not be.
\`mp3_44100\` is accepted for \`mp3_44100_128\`, which is the default.

${table(["format", "content type", "sample rate (Hz)", "bit rate (kbit/s)", "where"], rows)}
`;
}

function compatibilityPage(): string {
  const rows = Object.values(differences).map(({ subject, documented, seen, kind, observed }) => [
    subject,
    documented,
    seen,
    kind.says,
    observed.says,
  ]);
  return `# Compatibility with the hosted service

${notice}

The wire is the vendor's. Where its documentation and its behaviour differ, or where its behaviour
hurts, there are two profiles:

- **\`kind\`**, the default, is compatible and forgiving: what works there works here, and what hurts
  there does not hurt here.
- **\`observed\`** behaves as the hosted service was seen to behave, faults included. It is for testing
  clients: one that survives it survives the hosted service.

\`--compat observed\` (\`SYRINX_COMPAT\`) chooses it for the whole server; a path below \`/compat/observed\`
or \`/compat/kind\` chooses for one client, whatever the server's own choice, such as
\`ws://127.0.0.1:8080/compat/observed/v1/text-to-speech/{voice_id}/multi-stream-input\`.

${table(["What", "The vendor documents", "Was observed", "`kind`", "`observed`"], rows)}

One fault is reproduced only on demand. Text that was followed by \`close_context\` within about a
millisecond was sometimes lost in the hosted service, with a final frame or without one. With
\`x_close_race=silent\` in the query \`observed\` answers every such close with the final frame alone, and
with \`x_close_race=lost\` with nothing at all.

## Where both profiles are the same

What clients depend on is listed, with the test that shows it, in [conformance.md](conformance.md).
Both profiles are stricter with themselves than the hosted service in a few things, because no client
can rely on the difference: a context's timer does not run while it speaks nor the socket's while anything does, alignments never repeat
or skip a character, every frame is smaller than 64 KiB, and every close says why.
`;
}

function extensionsPage(): string {
  const rows = Object.entries(warnings).map(([code, sentence]) => [`\`${code}\``, sentence]);
  return `# Extensions

${notice}

${extensionsGuide}
## Warnings

${table(["code", "message"], rows)}
`;
}

function metricsPage(): string {
  const rows = metricEntries.map(([, { name, kind, labels, help }]) => [
    `\`${name}\``,
    kind,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  const buckets = metricEntries.flatMap(([, { name, buckets: bounds }]) =>
    bounds ? [[`\`${name}\``, bounds.join(", ")]] : [],
  );
  return `# Metrics and traces

${notice}

${metricsGuide.replace("{metrics}", table(["metric", "kind", "labels", "what it says"], rows)).replace("{buckets}", table(["histogram", "upper bounds"], buckets))}`;
}

function voicesPage(): string {
  const rows = publicVoices.map((voice) => {
    const bytes = downloadBytesOf(voice);
    const hashes = voice.files.map(({ sha256 }) =>
      sha256.length === 0 ? "unverified" : sha256.map((hash) => `\`${hash}\``).join(" or "),
    );
    return [
      `\`${voice.name}\``,
      voice.languages.join(", "),
      String(voice.speakers),
      voice.licence,
      bytes === undefined ? "unknown" : bytes.toLocaleString("en"),
      voice.files.map(({ url }) => `[${url.slice(url.lastIndexOf("/") + 1)}](${url})`).join(", "),
      hashes.join(", "),
    ];
  });
  return `# Voices

${notice}

${voicesGuide.trim()}

## Public voices

${table(["name", "languages", "speakers", "licence", "bytes", "from", "SHA-256"], rows)}
`;
}
