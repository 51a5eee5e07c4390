import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createFliteEngine } from "../../src/engine/flite/flite.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import type { PronunciationRule } from "../../src/protocol/pronunciation.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";
import { countInOrder, digits, hearDigits, missingTools, spokenDigits } from "./hear.ts";

const arpabet =
  "Z IH1 R OW0|W AH1 N|T UW1|TH R IY1|F AO1 R|F AY1 V|S IH1 K S|S EH1 V AH0 N|EY1 T|N AY1 N".split(
    "|",
  );
const ipa = "ˈzɪroʊ wʌn tuː θɹiː fɔːɹ faɪv sɪks ˈsɛvən eɪt naɪn".split(" ");

/** Words that sound like no digit stand where a digit is to be heard. */
const words = "apple bottle castle dinner elbow finger garden hammer island jacket".split(" ");
const at = (list: readonly string[], digit: number): string => list[digit] ?? "";

interface Row {
  readonly name: string;
  readonly text: (digit: number) => string;
  readonly rules?: readonly PronunciationRule[];
}

const rows: readonly Row[] = [
  { name: "say-as-digits", text: (digit) => `<say-as interpret-as="digits">${digit}</say-as>` },
  {
    name: "say-as-characters",
    text: (digit) => `<say-as interpret-as="characters">${digit}</say-as>`,
  },
  { name: "sub", text: (digit) => `<sub alias="${at(digits, digit)}">${at(words, digit)}</sub>` },
  {
    name: "phoneme-arpabet",
    text: (digit) =>
      `<phoneme alphabet="cmu-arpabet" ph="${at(arpabet, digit)}">${at(words, digit)}</phoneme>`,
  },
  {
    name: "phoneme-ipa",
    text: (digit) => `<phoneme alphabet="ipa" ph="${at(ipa, digit)}">${at(words, digit)}</phoneme>`,
  },
  { name: "prosody", text: (digit) => `<prosody rate="slow">${digit}</prosody>` },
  {
    name: "alias-rules",
    text: (digit) => at(words, digit),
    rules: words.map((word, digit) => ({
      type: "alias",
      stringToReplace: word,
      alias: at(digits, digit),
    })),
  },
  {
    name: "phoneme-rules",
    text: (digit) => at(words, digit),
    rules: words.map((word, digit) => ({
      type: "phoneme",
      stringToReplace: word,
      phoneme: at(ipa, digit),
      alphabet: "ipa",
    })),
  },
];

const missing = missingTools();
const because = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(" and ")})`;

describe("markup and pronunciation rules are heard", () => {
  let folder = "";
  let heard: ReadonlyMap<string, readonly string[]> = new Map();

  beforeAll(async () => {
    if (missing.length > 0) return;
    folder = await mkdtemp(join(tmpdir(), "syrinx-hearing-"));
    const engine = await createFliteEngine({ clock: systemClock, workers: 2 });
    try {
      for (const row of rows) {
        await writeFile(join(folder, `${row.name}.raw`), await speakDigits(engine, row));
      }
    } finally {
      await engine.close();
    }
    heard = await hearDigits(
      folder,
      rows.map(({ name }) => name),
    );
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.skipIf(missing.length > 0).each(rows)(`$name: at least 18 of 20${because}`, ({ name }) => {
    const words = heard.get(name) ?? [];
    expect(countInOrder(words), `heard: ${words.join(" ")}`).toBeGreaterThanOrEqual(18);
  });
});

/** Each digit as an utterance of its own, spoken as a socket's text would be. */
async function speakDigits(engine: Engine, { text, rules = [] }: Row): Promise<Buffer> {
  const [voice] = engine.voices;
  if (!voice) throw new Error("the engine has no voice");
  const audio: Buffer[] = [];
  for (const digit of spokenDigits) {
    const utterance = { text: `${text(digit)}. `, voice, settings: neutralSettings };
    const speech = engine.synthesize(
      { ...utterance, markup: "ssml", pronunciations: rules },
      new AbortController().signal,
    );
    for await (const { samples } of speech) audio.push(Buffer.from(samples.buffer));
  }
  return Buffer.concat(audio);
}
