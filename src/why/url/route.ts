import { nearestName } from "./nearest-name.ts";
import { quoted } from "./showable.ts";
import { decode, hostedVendor } from "./address.ts";
import {
  error,
  note,
  type SocketRoute,
  type SpeechVendor,
  type UrlFinding,
  warning,
} from "./finding.ts";
import { plainWavesModel, retiredWavesModels, turnsModel, wavesModels } from "./vendor-values.ts";

/** What the path of an address leads to. */
export interface UrlRoute {
  readonly vendor: SpeechVendor | undefined;
  readonly route: SocketRoute | undefined;
  /** Of the path. */
  readonly voice: string | undefined;
  readonly model: string | undefined;
  readonly findings: readonly UrlFinding[];
}

const nothing = { vendor: undefined, route: undefined, voice: undefined, model: undefined };

/** Finds the socket that a path names, also where a part of it is missing or misspelled. */
export function findRoute(url: URL): UrlRoute {
  const parts = url.pathname.split("/").map(decode);
  const segments = parts.filter((part) => part !== "");
  const hosted = hostedVendor(url);
  const speech = segments.findIndex((part) => nearestName(part, ["text-to-speech"]) !== undefined);
  const found =
    speech >= 0
      ? elevenLabsRoute(segments.slice(0, speech), segments.slice(speech), hosted)
      : (wavesRoute(segments, hosted) ?? noRoute(segments, hosted));
  return { ...found, findings: [...checkSlashes(parts), ...found.findings] };
}

function checkSlashes(parts: readonly string[]): readonly UrlFinding[] {
  const inner = parts.slice(1);
  if (inner.length < 2) return [];
  if (inner.at(-1) === "" && inner.filter((part) => part === "").length === 1) {
    return [note("path", "It ends in a slash, which not every server overlooks.", "Take it out.")];
  }
  if (!inner.slice(0, -1).includes("")) return [];
  return [
    warning(
      "path",
      "There are two slashes in a row: something between them is empty, or a base address ends in one.",
      "See how the address is put together.",
    ),
  ];
}

const speechSockets = ["stream-input", "multi-stream-input"] as const;
const speechOverHttp: readonly string[] = ["stream", "with-timestamps"];

function elevenLabsRoute(
  prefix: readonly string[],
  [name = "", ...rest]: readonly string[],
  hosted: SpeechVendor | undefined,
): UrlRoute {
  const findings = [...checkPrefix(prefix, [], hosted, "elevenlabs")];
  if (name !== "text-to-speech") {
    findings.push(notFound(`${quoted(name)} is misspelled.`, "Write text-to-speech."));
  }
  const isNameless = rest.length === 1 && speechSockets.some((socket) => socket === rest[0]);
  const [voice, ...ends] = isNameless ? [undefined, ...rest] : rest;
  const end = ends.join("/");
  const near = nearestName(end, speechSockets);
  const route = speechSockets.find((socket) => socket === (near ?? end));
  if (route === undefined) {
    findings.push(explainEnd(end));
  } else if (route !== end) {
    findings.push(notFound(`${quoted(end)} is misspelled.`, `Write ${route}.`));
  }
  findings.push(...checkVoice(voice, hosted !== undefined));
  return { vendor: "elevenlabs", route, voice, model: undefined, findings };
}

function explainEnd(end: string): UrlFinding {
  const advice =
    "End it with stream-input, or with multi-stream-input for several contexts on one socket.";
  if (end === "" || end.split("/").every((part) => speechOverHttp.includes(part))) {
    const what = "This is an address of HTTP, not of a socket.";
    return error("path", what, advice, "upgrade_not_possible");
  }
  return notFound(`${quoted(end, "What follows the voice")} is no socket.`, advice);
}

const placeholder = /[{}<>$[\]]|^:|^(?:your[-_ ]?)?voice[-_ ]?id$|^(?:undefined|null|none|nan)$/i;

function checkVoice(voice: string | undefined, isHosted: boolean): readonly UrlFinding[] {
  const advice = "Put an id of GET /v1/voices between text-to-speech and the name of the socket.";
  if (voice === undefined) return [error("voice", "There is none.", advice, "voice_not_found")];
  if (placeholder.test(voice)) {
    const what = "A placeholder stands where the voice's id should be.";
    return [error("voice", what, advice, "voice_not_found")];
  }
  if (isHosted && !/^[A-Za-z0-9]{20}$/.test(voice)) {
    return [
      warning(
        "voice",
        "It has not the shape of an id, which is 20 letters and digits; the hosted service takes no names.",
        "Use the voice_id that GET /v1/voices lists.",
        "voice_not_found",
      ),
    ];
  }
  return [];
}

const notFound = (problem: string, advice: string): UrlFinding =>
  error("path", problem, advice, "not_found");

const wavesBases = ["waves", "api"] as const;
const wavesModel = /^lightning/i;

function wavesRoute(
  segments: readonly string[],
  hosted: SpeechVendor | undefined,
): UrlRoute | undefined {
  const [third = "", second = "", last = ""] = ["", "", "", ...segments].slice(-3);
  const found = wavesSocket(third, second, last) ?? wavesOverHttp(second, last);
  if (!found) return undefined;
  const { length, route, model, findings = [] } = found;
  const prefix = segments.slice(0, segments.length - length);
  return {
    vendor: "waves",
    route,
    voice: undefined,
    model,
    findings: [
      ...checkPrefix(prefix, wavesBases, hosted, "waves"),
      ...findings,
      ...checkPathModel(model, hosted !== undefined),
    ],
  };
}

interface WavesEnd {
  /** How many parts of the path it is. */
  readonly length: number;
  readonly route: SocketRoute | undefined;
  readonly model?: string;
  readonly findings?: readonly UrlFinding[];
}

function wavesSocket(third: string, second: string, last: string): WavesEnd | undefined {
  if (second === "tts" && last === "live") return { length: 2, route: "tts-live" };
  if (plainWavesModel(second) === turnsModel && last === "live") {
    return { length: 2, route: "lightning-v4" };
  }
  if (last !== "stream") return undefined;
  if (second === "streaming-tts") {
    const what = "The vendor does not document this route any more.";
    const findings = [warning("path", what, "Use /waves/v1/tts/live.")];
    return { length: 2, route: "tts-live", findings };
  }
  if (second === "get_speech") return { length: 3, route: "tts-live", model: third };
  return wavesModel.test(second) ? { length: 2, route: "tts-live", model: second } : undefined;
}

function wavesOverHttp(second: string, last: string): WavesEnd | undefined {
  const isWaves = ["get_speech", "get_voices", "get_speech_long_text"].includes(last);
  if (!isWaves && !(last === "tts" && second === "v1")) return undefined;
  const what = "This is an address of HTTP, not of a socket.";
  return {
    length: last === "tts" ? 1 : 2,
    route: undefined,
    findings: [error("path", what, "Open /waves/v1/tts/live.", "upgrade_not_possible")],
  };
}

function checkPathModel(model: string | undefined, isHosted: boolean): readonly UrlFinding[] {
  if (model === undefined) return [];
  const id = plainWavesModel(model);
  const advice = "Open /waves/v1/tts/live, and name lightning_v3.1 as the model in the messages.";
  if (retiredWavesModels.includes(id)) {
    const what = `The vendor has retired ${quoted(model)}; its route answers 410.`;
    return [(isHosted ? error : warning)("model", what, advice, "model_retired")];
  }
  if (wavesModels.includes(id)) {
    const what = "Routes with a model in them are older; all models speak on one now.";
    return [note("model", what, advice)];
  }
  const what = `${quoted(model)} is no model that the documents name.`;
  return [error("model", what, advice, "model_not_found")];
}

/** What stands in front of a route: a path of a proxy's or server's own, the base, the version. */
function checkPrefix(
  prefix: readonly string[],
  bases: readonly string[],
  hosted: SpeechVendor | undefined,
  vendor: SpeechVendor,
): readonly UrlFinding[] {
  const wanted = bases.length === 0 ? "/v1" : `/${bases[0]}/v1`;
  const findings: UrlFinding[] = [];
  if (hosted !== undefined && hosted !== vendor) {
    const what = "The path is of one vendor, and the host of the other.";
    return [error("host", what, "Use the host and the path of the same one.", "not_found")];
  }
  const versions = prefix.filter((part) => /^v\d+$/i.test(part));
  const base = prefix.filter((part) => !/^v\d+$/i.test(part));
  if (versions.length > 1) {
    const what = "The version stands there twice.";
    const advice =
      "Take one out: a base address that ends in /v1 is joined with a path that begins with it.";
    findings.push(notFound(what, advice));
  } else if (versions.length === 0) {
    const isFatal = hosted !== undefined;
    const what = isFatal
      ? "The version is missing."
      : "The version is missing, which Syrinx overlooks and the hosted service does not.";
    const find = isFatal ? error : warning;
    findings.push(find("path", what, `Begin the path with ${wanted}.`, "not_found"));
  } else if (versions[0] !== "v1" || prefix.at(-1) !== "v1") {
    findings.push(notFound("The version is not v1, or not in its place.", `Write ${wanted}.`));
  }
  if (bases.length > 0 && !bases.includes(base.at(-1) ?? "")) {
    findings.push(notFound(`There is no ${bases[0]} in front of it.`, `Begin with ${wanted}.`));
  } else if (hosted !== undefined && base.length > Math.min(1, bases.length)) {
    const what = "There is more in front of it than the hosted service has.";
    findings.push(notFound(what, `Begin the path with ${wanted}.`));
  }
  return findings;
}

/** Sockets of the vendors that do not speak a text, by a part of their paths. */
const otherSockets: Readonly<Record<string, string>> = {
  convai: "the agents platform",
  "text-to-dialogue": "dialogues",
  "speech-to-text": "transcription",
};

function noRoute(segments: readonly string[], hosted: SpeechVendor | undefined): UrlRoute {
  const other = segments.find((part) => Object.hasOwn(otherSockets, part));
  if (other !== undefined) {
    const what = `This is a socket of ${otherSockets[other]}, which cannot be tried here.`;
    const advice = "Give the address of a text-to-speech socket, or read its log with --log.";
    return { ...nothing, findings: [error("path", what, advice)] };
  }
  const elevenLabs = "/v1/text-to-speech/VOICE/stream-input";
  const waves = "/waves/v1/tts/live";
  const routes = { elevenlabs: elevenLabs, waves };
  const wanted = hosted === undefined ? `${elevenLabs} or ${waves}` : routes[hosted];
  const what = segments.length === 0 ? "There is no path." : "It leads to no speech socket.";
  return { ...nothing, vendor: hosted, findings: [notFound(what, `Write ${wanted}.`)] };
}
