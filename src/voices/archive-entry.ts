import { VoiceError } from "./voice-error.ts";

/** One thing in an archive. */
export interface ArchiveEntry {
  /** As the archive spells it; never trusted. */
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
  /** What the archive says; more than that is never handed out. */
  readonly sizeBytes: number;
  /** The content of a file, to be read before the next entry is asked for. */
  content(): AsyncIterable<Uint8Array>;
}

/** Longer than any path in a model, and short enough for every file system. */
const maxPathChars = 512;

/**
 * Where in the folder an entry belongs, as parts of a path; nothing for what is left out: hidden
 * files, which systems and not authors put into archives.
 * @throws {VoiceError} for whatever would lie outside of the folder
 */
export function placeOf({ name, kind }: Pick<ArchiveEntry, "name" | "kind">): string[] | undefined {
  const parts = name.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
  const isOutside = /^[/\\]|^[a-z]:/i.test(name) || parts.includes("..");
  if (isOutside || name.includes("\0") || name.length > maxPathChars) {
    throw new VoiceError(`The archive has a path that leads out of it: ${shown(name)}.${refusal}`);
  }
  if (kind === "other") {
    throw new VoiceError(
      `The archive has something that is neither file nor folder: ${shown(name)}.${refusal}`,
    );
  }
  const isLeftOut = parts.length === 0 || parts.some((part) => /^(?:\.|__MACOSX$)/.test(part));
  return isLeftOut ? undefined : parts;
}

const refusal = " Nothing of it was added: get it from somewhere else.";

/** A name that does no harm on a terminal. */
function shown(name: string): string {
  return name.replaceAll(/\p{C}/gu, "?").slice(0, 80);
}
