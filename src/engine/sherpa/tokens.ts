import { ModelFault } from "./model-fault.ts";

/** What the tokens of a model have to be. */
export interface TokenRules {
  /** Each is one character: they are sounds, or letters. */
  readonly areCharacters: boolean;
  /** Those that sherpa-onnx looks up without asking whether they are there. */
  readonly required: readonly string[];
}

/** Names of what is no sound; they count for no character. */
const namedTokens: ReadonlySet<string> = new Set(["<BLNK>", "<PAD>", "<EOS>", "<BOS>"]);

/** Each line of a tokens.txt is a token and its number; a line of a number alone is the space's. */
export function checkTokens(text: string, rules: TokenRules): void {
  const seen = new Set<string>();
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const where = `Its tokens.txt, line ${index + 1},`;
    const [first = "", second, third] = line.trim().split(/[ \t]+/);
    const token = second === undefined ? " " : first;
    const id = second ?? first;
    if (third !== undefined || !/^\d+$/.test(id)) {
      throw new ModelFault(`${where} is not a token and a number: take the model's own file.`);
    }
    if (rules.areCharacters && Array.from(token).length !== 1 && !namedTokens.has(token)) {
      throw new ModelFault(`${where} is not one character: take the model's own file.`);
    }
    if (seen.has(token) && rules.areCharacters) {
      throw new ModelFault(`${where} repeats a token: take the model's own file.`);
    }
    seen.add(token);
  });
  const missing = rules.required.find((token) => !seen.has(token));
  if (seen.size === 0) throw new ModelFault("Its tokens.txt is empty: take the model's own file.");
  if (missing !== undefined) {
    throw new ModelFault(`Its tokens.txt lacks "${missing}": take the model's own file.`);
  }
}
