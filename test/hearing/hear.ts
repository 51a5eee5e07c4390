import { execFile, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const model = "/usr/share/pocketsphinx/model/en-us";

/** The words that the recogniser listens for. */
export const digits: readonly string[] = "zero one two three four five six seven eight nine".split(
  " ",
);

/** Every digit twice, in an order without a pattern. */
export const spokenDigits: readonly number[] = [
  7, 3, 9, 1, 0, 8, 4, 2, 6, 5, 9, 0, 2, 7, 1, 4, 8, 3, 5, 6,
];

/** What the recogniser needs and this machine lacks, besides `tools`. */
export function missingTools(...tools: readonly string[]): string[] {
  const absent = ["pocketsphinx_batch", ...tools].filter(
    (tool) => spawnSync(tool, ["-version"], { stdio: "ignore" }).error !== undefined,
  );
  return spawnSync("test", ["-d", model]).status === 0 ? absent : [...absent, "pocketsphinx-en-us"];
}

/**
 * Which digits are heard in each recording: `NAME.raw` in `folder`, bare 16-bit samples at 16 kHz.
 * One run of the recogniser, which loads its model once. The grammar is closed and takes exactly
 * as many digits as were spoken, so that an invented one costs a real one.
 */
export async function hearDigits(
  folder: string,
  names: readonly string[],
): Promise<Map<string, string[]>> {
  const sentence = spokenDigits.map(() => "<digit>").join(" ");
  const grammar = `#JSGF V1.0;\ngrammar digits;\npublic <digits> = ${sentence};\n<digit> = ${digits.join(" | ")};\n`;
  const grammarPath = join(folder, "digits.gram");
  const listPath = join(folder, "list");
  const heardPath = join(folder, "heard");
  await writeFile(grammarPath, grammar);
  await writeFile(listPath, names.map((name) => `${name}\n`).join(""));
  const options = {
    "-hmm": join(model, "en-us"),
    "-dict": join(model, "cmudict-en-us.dict"),
    "-jsgf": grammarPath,
    "-adcin": "yes",
    "-cepdir": folder,
    "-cepext": ".raw",
    "-ctl": listPath,
    "-hyp": heardPath,
    "-logfn": join(folder, "log"),
  };
  await promisify(execFile)("pocketsphinx_batch", Object.entries(options).flat());
  // Each line holds the words, then the recording's name and a score in brackets.
  const lines = (await readFile(heardPath, "utf8")).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [, words = "", name = ""] = /^(.*?)\s*\((\S+) /.exec(line) ?? [];
      return [name, words.split(" ")];
    }),
  );
}

/** How many of the digits were heard in the right order: the longest common subsequence. */
export function countInOrder(heard: readonly string[]): number {
  const expected = spokenDigits.map((digit) => digits[digit]);
  let previous = expected.map(() => 0);
  for (const word of heard) {
    const current: number[] = [];
    expected.forEach((wanted, index) => {
      const both = (previous[index - 1] ?? 0) + (wanted === word ? 1 : 0);
      current.push(Math.max(both, previous[index] ?? 0, current[index - 1] ?? 0));
    });
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
