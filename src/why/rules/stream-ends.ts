import { between, type Course, isSpeakable, type Message } from "../course.ts";
import type { Finding, Rule } from "../finding.ts";
import type { Evidence } from "../trace.ts";

/** A pause after which an empty text looks like a keepalive, not like the end of what was said. */
const keepaliveMs = 3000;
/** What programs print beside a message that is to keep the socket open. */
const saysKeepalive = /keep-?alive|heart-?beat/i;

const isEndMarker = ({ facts }: Message): boolean => facts.text === "" && !facts.flush;
const evidenceOf = (...messages: readonly (Message | undefined)[]): Evidence[] =>
  messages.flatMap((message) => (message ? [message.event.evidence] : []));

/** On stream-input an empty text ends the stream, whatever it was meant for. */
export const streamEnds: Rule = (course) => {
  const { route, sent } = course;
  if (route !== "stream-input") return [];
  const marker = sent.find(isEndMarker);
  const [first] = sent;
  if (
    first &&
    first.event.data !== undefined &&
    first.facts.text === undefined &&
    !first.facts.flush
  ) {
    return endedWell(course) ? [finding("no_text", "likely", course, first)] : [];
  }
  return marker ? afterMarker(course, marker) : [];
};

function afterMarker(course: Course, marker: Message): readonly Finding[] {
  const { sent } = course;
  const before = sent.filter(({ index }) => index < marker.index);
  const later = sent.filter(({ index }) => index > marker.index);
  const laterText = later.filter((message) => isSpeakable(message));
  const lastText = before.findLast((message) => isSpeakable(message));
  const pauseMs = between((lastText ?? before.at(-1))?.atMs, marker.atMs);
  const isRepeated = later.some(isEndMarker);
  const isKeepalive =
    (pauseMs ?? 0) >= keepaliveMs || saysKeepalive.test(marker.event.evidence.text);
  const nothingBefore = lastText === undefined;

  if (laterText.length > 0) {
    if (isKeepalive || (nothingBefore && before.length > 0)) {
      return [finding("empty_text_as_keepalive", "certain", course, marker, laterText[0])];
    }
    return [
      {
        ...finding("text_after_end", "certain", course, marker, laterText[0]),
        details: { messages: laterText.length },
      },
    ];
  }
  if (!endedWell(course)) return [];
  if (before.length === 0) return [finding("no_text", "likely", course, marker)];
  if (nothingBefore) return [finding("empty_text_as_keepalive", "likely", course, marker)];
  const wrote = course.logs.find(({ message }) =>
    /CLOSING or CLOSED|not open|closing transport|ConnectionClosed/i.test(message),
  );
  if (isKeepalive) {
    return [
      finding(
        "empty_text_as_keepalive",
        wrote || isRepeated ? "certain" : "likely",
        course,
        marker,
      ),
    ];
  }
  if (wrote) {
    const { cause, confidence, evidence } = finding("text_after_end", "likely", course, marker);
    return [
      { cause, confidence, evidence: [...evidence, wrote.evidence], details: { messages: "some" } },
    ];
  }
  const isWhole = course.received.some(({ facts }) => facts.isFinal) || course.close?.code === 1000;
  return [finding("end_marker", isWhole ? "certain" : "likely", course, marker)];
}

/** The socket ended as after an end marker, or nobody tells how. */
const endedWell = ({ close, received }: Course): boolean =>
  close === undefined
    ? received.some(({ facts }) => facts.isFinal)
    : (close.code === 1000 || close.code === undefined) && close.by !== "client";

function finding(
  cause: Finding["cause"],
  confidence: Finding["confidence"],
  { close }: Course,
  ...messages: readonly (Message | undefined)[]
): Finding {
  return {
    cause,
    confidence,
    evidence: [...evidenceOf(...messages), ...(close ? [close.evidence] : [])],
  };
}

/** The client asked for the end itself, on the socket of many contexts. */
export const closesSocket: Rule = (course) => {
  const asked = course.sent.find(({ facts }) => facts.closesSocket);
  const code = course.close?.code;
  if (!asked || (code !== undefined && code !== 1000)) return [];
  return [finding("close_socket", course.close ? "certain" : "likely", course, asked)];
};
