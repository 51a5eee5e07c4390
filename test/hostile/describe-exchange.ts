import type { Exchange, RawAnswer } from "./exchange.ts";

/**
 * What a server said, in a line: each answer with its status and code, then what came over the
 * socket, frames by what they are and the close by its code. Frames of audio that follow one
 * another are told once.
 */
export function describeExchange({ answers, frames }: Exchange): string {
  const said = [...answers.map(describeAnswer), ...frames.map(describeFrame)];
  if (said.length === 0) return "nothing";
  return said.filter((each, at) => each !== "audio" || said[at - 1] !== "audio").join(", ");
}

function describeAnswer({ status, headers, body }: RawAnswer): string {
  if (headers["content-type"]?.startsWith("audio/")) return `${status} audio`;
  const said = parse(body.toString());
  return said === "" ? String(status) : `${status} ${said}`;
}

/** The code of a failure, in the spelling of either vendor; of a list how long it is. */
function parse(text: string): string {
  const json = parseJson(text);
  const { detail, code, history, pronunciation_dictionaries: dictionaries } = json;
  if (Array.isArray(history)) return `history of ${history.length}`;
  if (Array.isArray(dictionaries)) return `dictionaries: ${dictionaries.length}`;
  if (typeof detail === "string") return detail;
  if (Array.isArray(detail)) {
    const [{ type, loc }] = detail as [{ type: string; loc: string[] }];
    return [type, ...loc.slice(1)].join(" ");
  }
  if (typeof detail === "object" && detail !== null && "status" in detail)
    return String(detail.status);
  return typeof code === "string" ? code : "";
}

function describeFrame(frame: string | number): string {
  if (typeof frame === "number") return String(frame);
  const { error, audio, isFinal, message, code } = parseJson(frame);
  if (isFinal === true) return "final";
  if (typeof audio === "string") return "audio";
  if (typeof error === "string") return error;
  return typeof code === "string" ? code : typeof message === "string" ? message : "frame";
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}
