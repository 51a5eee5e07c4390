import { between, type Course, isSpeakable, type Message } from "../course.ts";
import type { Finding, Rule } from "../finding.ts";
import { groupBy } from "../group-by.ts";

/** What is known of one context of a socket. */
interface Context {
  readonly id: string;
  readonly messages: readonly Message[];
}

const contextsOf = ({ messages }: Course): readonly Context[] => {
  const byId = groupBy(messages, ({ facts }) => facts.contextId ?? "");
  return [...byId].map(([id, its]) => ({ id, messages: its }));
};

const endedByPolicy = ({ close, received }: Course): boolean =>
  close?.code === 1008 || received.some(({ facts }) => facts.error !== undefined);

/** The end of the socket with what the server said of it. */
const endEvidence = ({ close, received }: Course) => [
  ...received.filter(({ facts }) => facts.error !== undefined).map(({ event }) => event.evidence),
  ...(close ? [close.evidence] : []),
];

const allowedContexts = 5;

/** Counts the contexts that are open at the same time; the sixth ends the hosted service's socket. */
export const sixthContext: Rule = (course) => {
  if (course.route !== "multi-stream-input" || !endedByPolicy(course)) return [];
  const open = new Set<string>();
  for (const { by, facts, event } of course.messages) {
    const id = facts.contextId ?? "";
    if (by === "server") {
      if (facts.isFinal) open.delete(id);
      continue;
    }
    if (facts.text === undefined) continue;
    open.add(id);
    if (open.size > allowedContexts) {
      return [
        {
          cause: "too_many_contexts",
          confidence: "likely",
          evidence: [event.evidence, ...endEvidence(course)],
          details: { limit: allowedContexts },
        },
      ];
    }
  }
  return [];
};

/** Settings that came later than the context, or that changed. */
export const laterSettings: Rule = (course) => {
  if (!endedByPolicy(course) || course.route === "agents" || course.route === "waves") return [];
  const saysSo = endEvidence(course).some(({ text }) => /voice_settings/.test(text));
  return contextsOf(course).flatMap(({ messages }): Finding[] => {
    const its = messages.filter(({ by }) => by === "client");
    const given = its.filter(({ facts }) => facts.voiceSettings !== undefined);
    const [first] = its;
    const [settings] = given;
    if (!first || !settings) return [];
    const other = given.find(({ facts }) => facts.voiceSettings !== settings.facts.voiceSettings);
    const late = first === settings ? other : settings;
    if (!late) return [];
    const isPhantom = first !== settings && !isSpeakable(first) && late === settings;
    return [
      {
        cause: isPhantom ? "phantom_context" : "settings_changed",
        confidence: saysSo ? "certain" : "likely",
        evidence: [first.event.evidence, late.event.evidence, ...endEvidence(course)],
      },
    ];
  });
};

/** Text and close_context nearer to each other than this are lost now and then. */
const raceMs = 5;
/** A context that is owed audio for longer than this will get none. */
const patienceMs = 2000;

/** Messages whose content is not shown, or not whose they are, may have been any context's audio. */
const mayHaveAudio = ({ received, route }: Course): boolean =>
  received.some(
    ({ event, facts }) =>
      event.data === undefined ||
      (route === "multi-stream-input" && facts.hasAudio && facts.contextId === undefined),
  );

/** Contexts that were given text and ended without audio, though no error was told. */
export const silentContexts: Rule = (course) => {
  if (course.route !== "multi-stream-input") return [];
  if (mayHaveAudio(course)) return [];
  const contexts = contextsOf(course).filter(({ messages }) =>
    messages.some((message) => message.by === "client" && isSpeakable(message)),
  );
  return contexts.flatMap((context): Finding[] => {
    const final = context.messages.find(({ by, facts }) => by === "server" && facts.isFinal);
    if (
      context.messages.some(
        ({ by, facts }) => by === "server" && (facts.hasAudio || facts.error !== undefined),
      )
    ) {
      return [];
    }
    const text = context.messages.findLast(
      (message) => message.by === "client" && isSpeakable(message),
    );
    const closing = context.messages.find(
      ({ by, facts }) => by === "client" && facts.closesContext,
    );
    if (!text) return [];
    if (!final) return unanswered(course, text, closing);
    const evidence = [text, closing, final].flatMap((message) =>
      message ? [message.event.evidence] : [],
    );
    const isRace = closing !== undefined && closing.index < final.index && isNear(text, closing);
    if (isRace && otherHadAudio(course, context))
      return [{ cause: "close_context_race", confidence: "likely", evidence }];
    const quota: Finding = {
      cause: "quota_exceeded",
      confidence: closing && closing.index < final.index ? "possible" : "likely",
      evidence,
    };
    return isRace
      ? [{ cause: "close_context_race", confidence: "likely", evidence }, quota]
      : [quota];
  });
};

const isNear = (text: Message, closing: Message): boolean => {
  const gapMs = between(text.atMs, closing.atMs);
  return gapMs !== undefined ? gapMs <= raceMs : closing.index - text.index <= 2;
};

const otherHadAudio = ({ received }: Course, { id }: Context): boolean =>
  received.some(({ facts }) => facts.hasAudio && (facts.contextId ?? "") !== id);

/** No final frame at all, long after the close_context that came right behind the text. */
function unanswered(course: Course, text: Message, closing: Message | undefined): Finding[] {
  if (!closing || !isNear(text, closing) || endedByPolicy(course)) return [];
  const lastMs = course.trace.events.findLast(({ atMs }) => atMs !== undefined)?.atMs;
  const waitedMs = between(closing.atMs, lastMs);
  if (waitedMs === undefined || waitedMs < patienceMs) return [];
  return [
    {
      cause: "close_context_race",
      confidence: "likely",
      evidence: [text.event.evidence, closing.event.evidence],
    },
  ];
}

/** The same on stream-input: the last word comes, no audio, and no error. */
export const silentStream: Rule = (course) => {
  const { route, received, sent } = course;
  if (route !== "stream-input") return [];
  const text = sent.find((message) => isSpeakable(message));
  if (mayHaveAudio(course)) return [];
  const final = received.find(({ facts }) => facts.isFinal);
  if (!text || !final || received.some(({ facts }) => facts.hasAudio || facts.error !== undefined))
    return [];
  return [
    {
      cause: "quota_exceeded",
      confidence: "likely",
      evidence: [text.event.evidence, final.event.evidence],
    },
  ];
};
