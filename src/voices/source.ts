import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { findPublicVoice, type PublicVoice } from "./public-voices.ts";
import { VoiceError } from "./voice-error.ts";

/** Where a voice comes from. */
export type Source =
  | { readonly kind: "public"; readonly voice: PublicVoice }
  | { readonly kind: "address"; readonly url: URL }
  | { readonly kind: "folder" | "file"; readonly path: string };

/** What the user means: a voice that is known by name, an address, a file or a folder. */
export async function findSource(
  given: string,
  catalogue?: readonly PublicVoice[],
): Promise<Source> {
  const voice = findPublicVoice(given, catalogue);
  if (voice) return { kind: "public", voice };
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(given)) {
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url && /^https?:$/.test(url.protocol) && url.username === "") {
      return { kind: "address", url };
    }
    throw new VoiceError("The address must begin with https:// and have no password in it.");
  }
  const stats = await stat(given).catch(() => undefined);
  if (stats?.isDirectory()) return { kind: "folder", path: given };
  if (stats?.isFile()) return { kind: "file", path: given };
  throw new VoiceError(
    `There is no file, folder or known voice called ${given}: see syrinx voices catalogue.`,
  );
}

/** What a voice is called unless the user says so: as its source is, without what all of them have. */
export function nameOfSource(source: Source): string {
  const name = fullNameOf(source)
    .replace(/(?:\.(?:tar|tgz|tbz2?|gz|bz2|zip|onnx|json))+$/i, "")
    .replace(/^(?:sherpa-onnx-)?(?:vits-(?=piper))?/, "");
  return name
    .replaceAll(/[^\w.-]+/g, "-")
    .replaceAll(/^[-.]+|[-.]+$/g, "")
    .slice(0, 100);
}

function fullNameOf(source: Source): string {
  switch (source.kind) {
    case "public":
      return source.voice.name;
    case "address":
      return decodeURIComponent(basename(source.url.pathname));
    case "folder":
    case "file":
      return basename(source.path);
  }
}
