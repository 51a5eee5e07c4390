import { outputFormats } from "../src/dialect/elevenlabs/formats.ts";
import { formatRefusal, formatSocketError } from "../src/dialect/elevenlabs/errors.ts";
import { type ErrorCode, problemRow, problems } from "../src/protocol/problems.ts";
import { type SettingRow, settingRows } from "../src/settings.ts";

/** The pages of docs/ that tables in the code know better than any author, by file name. */
export const pages: Readonly<Record<string, () => string>> = {
  "errors.md": errorsPage,
  "settings.md": settingsPage,
  "formats.md": formatsPage,
};

const notice = "<!-- Made by `npm run docs` from the code; edits here are lost. -->";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

function errorsPage(): string {
  const codes = Object.keys(problems) as ErrorCode[];
  const rows = codes.map((code) => {
    const { httpStatus, closeCode, retryable, sentence, advice } = problemRow(code);
    const { error } = formatSocketError({ code, details: {} });
    const { body } = formatRefusal({ code, details: {} }, "");
    const { detail } = body as { detail: { status?: string } };
    return [
      `\`${code}\``,
      String(httpStatus),
      detail.status === undefined ? "" : `\`${detail.status}\``,
      String(closeCode),
      `\`${error}\``,
      retryable ? "yes" : "no",
      sentence,
      advice,
    ];
  });
  return `# Errors

${notice}

Everything that can go wrong, and what to do about it. Over HTTP the answer is
\`{"detail":{"type","code","message","status","request_id","param"?}}\`; a body of the wrong shape is
answered with 422 and a list, as the vendor's validator does. On a socket an error frame
\`{"message","error","code"}\` comes first and the Close frame repeats its code and, as far as 123 bytes
go, its message. \`x-trace-id\` in the response headers names the request in the server's log.

\`{...}\` stands for what the problem is about. "Again" says whether the same request can succeed later.

${table(["code", "HTTP", "`detail.status`", "close", "`error`", "again", "what and why", "what to do"], rows)}

A socket that ended as it should is closed with 1000 and no reason. Broken UTF-8 in a text frame is
closed with 1007 and a message of more than 4 MiB with 1009 by the WebSocket layer, before any frame.
`;
}

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
