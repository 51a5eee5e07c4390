import type { Voice } from "../../protocol/voice.ts";

/** One of those who speak in a model. */
export interface Speaker {
  /** As the model counts them, from 0. */
  readonly id: number;
  /** As the model names them, or the number. */
  readonly name: string;
  readonly sex: Voice["sex"];
  /** If it is not the model's. */
  readonly language?: string;
}

/** Where lists of speakers are found, besides in a Piper voice's settings. */
const nameLists = ["speaker_names", "speaker_ids"] as const;

/** The speakers' names in the metadata of a model, if it names all of them. */
export function namesInMetadata(
  metadata: ReadonlyMap<string, string>,
  count: number,
): readonly string[] | undefined {
  for (const key of nameLists) {
    const names = (metadata.get(key) ?? "").split(",").map((name) => name.trim());
    if (names.length === count && names.every((name) => name !== "")) return names;
  }
  return namesById(metadata.get("id2speaker") ?? "", count);
}

/** Of a list such as `0->af,1->af_bella`. */
function namesById(list: string, count: number): readonly string[] | undefined {
  const names = new Map<number, string>();
  for (const entry of list.split(",")) {
    const [id, name] = entry.split("->").map((part) => part.trim());
    if (id !== undefined && name) names.set(Number(id), name);
  }
  const inOrder = Array.from({ length: count }, (_, id) => names.get(id) ?? "");
  return inOrder.includes("") ? undefined : inOrder;
}

/** As many speakers as the model has, by name where there are names. */
export function listSpeakers(count: number, names?: readonly string[]): readonly Speaker[] {
  return Array.from({ length: count }, (_, id) => {
    const name = names?.[id] ?? String(id);
    return { id, name, sex: sexInName(name) };
  });
}

/** Kokoro's names begin with a letter for the language and one for the sex. */
const kokoroName = /^([a-z])([fm])(?:_|$)/;
const kokoroLanguages: Readonly<Record<string, string>> = {
  a: "en-US",
  b: "en-GB",
  e: "es",
  f: "fr",
  h: "hi",
  i: "it",
  j: "ja",
  p: "pt-BR",
  z: "zh",
};

/** What Kokoro's names of its speakers say of them. */
export function asKokoro(speakers: readonly Speaker[]): readonly Speaker[] {
  return speakers.map((speaker) => {
    const match = kokoroName.exec(speaker.name);
    const language = kokoroLanguages[match?.[1] ?? ""];
    if (!match || language === undefined) return speaker;
    return { ...speaker, language, sex: match[2] === "f" ? "female" : "male" };
  });
}

/** Kitten's names end in a letter for the sex, others in the word. */
function sexInName(name: string): Voice["sex"] {
  const word = /(?:^|[-_ ])(f|m|female|male|woman|man)$/i.exec(name)?.[1]?.toLowerCase();
  if (word === undefined) return "neutral";
  return word === "m" || word === "male" || word === "man" ? "male" : "female";
}
