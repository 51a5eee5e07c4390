import type { Problem } from "../../protocol/problems.ts";
import type { Course } from "../course.ts";
import type { Confidence, Finding, Rule } from "../finding.ts";
import { withoutSpeech } from "../redact.ts";
import type { Evidence } from "../trace.ts";
import { agentWords } from "./agent-words.ts";
import { clientWords } from "./client-words.ts";
import { networkWords, proxyWords } from "./network-words.ts";
import { ownWords } from "./own-words.ts";
import { serviceWords } from "./service-words.ts";
import type { WordsRow } from "./words-row.ts";

/** A text that somebody said, and where. */
interface Saying {
  readonly text: string;
  readonly evidence: Evidence;
}

/** What was said is looked up in the tables of words: the server's, the network's, the client's own. */
export const words: Rule = (course) => {
  const isAgents = course.route === "agents" || course.vendor === undefined;
  const fromServer = isAgents
    ? [...ownWords, ...agentWords, ...serviceWords]
    : [...ownWords, ...serviceWords, ...agentWords];
  const inLogs = isAgents ? fromServer : [...ownWords, ...serviceWords];
  return [
    ...find(serverSayings(course), fromServer),
    ...find(course.logs.map(sayingOf), inLogs, confidenceInLogs),
    ...find(course.refusals.map(sayingOf), proxyWords),
    ...find(course.logs.map(sayingOf), proxyWords, confidenceOfSentence),
    ...find(course.refusals.map(sayingOf), networkWords),
    ...find([...course.logs, ...course.refusals].map(sayingOf), clientWords),
    ...silentUser(course),
    ...noAudio(course),
  ];
};

/** How sure a row's words are where they stand; undefined for not at all. */
type Weigh = (match: RegExpExecArray, usual: Confidence) => Confidence | undefined;

function find(
  sayings: readonly Saying[],
  rows: readonly WordsRow[],
  weigh: Weigh = (_, usual) => usual,
): Finding[] {
  return sayings.flatMap(({ text, evidence }) => {
    for (const { cause, words: pattern, confidence: usual = "certain" } of rows) {
      const match = pattern.exec(text);
      const confidence = match ? weigh(match, usual) : undefined;
      if (match && confidence) {
        const details = detailsIn(text, rows, cause);
        return [{ cause, confidence, evidence: [evidence], details }];
      }
    }
    return [];
  });
}

/** The name of an error without a sentence around it. */
const bareName = /^\W*\w+\W*$/;
/** What stands before such a name where somebody tells of an error. */
const tellsError =
  /(?:error|status|code|detail|reason|message|type|exception)\w*["']?\s*[:=]\s*[^\s\w]*$/i;
/** What stands behind it where it is only counted, compared or set. */
const isSetting = /^["']?\}?\s*(?:[=:]|\d)/;

/** In the lines of a log the bare name of an error may stand for any reason: settings, counts, code. */
const confidenceInLogs: Weigh = (match, usual) => {
  const [found] = match;
  if (!bareName.test(found)) return confidenceOfSentence(match, usual);
  const [before, after] = around(match);
  if (isSetting.test(after) || /==\s*["']?$/.test(before)) return undefined;
  return tellsError.test(before) ? usual : "possible";
};

/** Words of a line that tells that something went wrong. */
const tellsFault =
  /error|exception|traceback|fail|warn|critical|fatal|reject|refus|denied|closed|closing|disconnect|\bstatus\b|\bcode\b|reason|abort|dropp|lost|timed out|["']detail["']\s*:|\bbody\b|unexpected/i;
/** Somebody speaks or explains: what follows may be said of anything. */
const tellsOfTalk =
  /\b(?:user|agent|assistant|caller|customer)\b(?: \w+)?\s*[:>]|\b(?:said|says|asks?|asked|transcript|docs?|usage|help|policy)\b[^:]{0,40}:|(?:^|\s)--[a-z]/i;

/** A sentence about an error is one where the line around it tells of a fault, and of no talk. */
const confidenceOfSentence: Weigh = (match, usual) => {
  const [before, after] = around(match);
  const isTold = tellsFault.test(before) || tellsFault.test(after);
  return isTold && !tellsOfTalk.test(before) ? usual : "possible";
};

const around = ({ input, index, 0: { length } }: RegExpExecArray): readonly [string, string] => [
  input.slice(0, index),
  input.slice(index + length),
];

/** All that is said of a cause: its name may stand before the sentence that has the figures. */
function detailsIn(
  text: string,
  rows: readonly WordsRow[],
  cause: WordsRow["cause"],
): Problem["details"] {
  const matches = rows
    .filter((row) => row.cause === cause)
    .flatMap(({ words: { source, flags } }) => [...text.matchAll(new RegExp(source, `${flags}g`))]);
  return Object.assign({}, ...matches.toReversed().map(detailsOf));
}

/** Named groups, of which one name may have several, told apart by a digit. */
function detailsOf({ groups }: RegExpExecArray): Problem["details"] {
  const known = Object.entries(groups ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([name, value]) => [
      name.replace(/\d$/, ""),
      /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value,
    ]),
  );
}

/** What the server itself said: in frames, in the reason of its Close frame, instead of an upgrade. */
function serverSayings({ received, trace, refusals, route }: Course): Saying[] {
  const frames = received.flatMap(({ event, facts }): Saying[] => {
    const isAgents = route === "agents" && !facts.hasAudio;
    const text = isAgents ? withoutSpeech(event.data ?? "") : (facts.error ?? cutText(event.data));
    return text === "" ? [] : [{ text, evidence: event.evidence }];
  });
  const reasons = trace.events.flatMap((event): Saying[] =>
    event.type === "close"
      ? [{ text: `${event.reason} ${event.evidence.text}`, evidence: event.evidence }]
      : [],
  );
  return [...frames, ...reasons, ...refusals.map(sayingOf)];
}

/** A message that a library has cut short: what is left of it may be an error's. */
const cutText = (data = ""): string =>
  data.includes("...") && !/"(?:audio|isFinal|alignment)"/.test(data) ? data : "";

const asksAgain =
  /["']?agent_response["']?\s*:\s*["'][^"']*\b(?:are you (?:still )?there|hello\?)/i;

/** Only what an agent says tells that its turn timeout was over, and it alone. */
const silentUser = ({ received }: Course): Finding[] =>
  received
    .filter(({ event }) => asksAgain.test(event.data ?? ""))
    .map(({ event }) => ({
      cause: "turn_timeout",
      confidence: "likely",
      evidence: [event.evidence],
    }));

const sayingOf = (event: { readonly message: string; readonly evidence: Evidence }): Saying => ({
  text: event.message,
  evidence: event.evidence,
});

const noAudioWords =
  /\bno audio frames? (?:was |were )?pushed|\bno audio (?:was )?(?:received|generated|returned)/i;

/** A stream that ended without audio: the hosted service says nothing of a quota that is used up. */
function noAudio({ logs }: Course): Finding[] {
  const line = logs.find(({ message }) => noAudioWords.test(message));
  if (!line) return [];
  const evidence = [line.evidence];
  return [
    { cause: "quota_exceeded", confidence: "possible", evidence },
    { cause: "first_audio_timeout", confidence: "possible", evidence },
  ];
}
