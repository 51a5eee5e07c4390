import {
  type ConnectionObserver,
  type ContextObserver,
  noConnection,
  noContext,
  noUtterance,
  type Observer,
  type UtteranceObserver,
} from "../protocol/observer.ts";

/** One observer that tells several. Whoever does not watch something is not told of it again. */
export function joinObservers(observers: readonly Observer[]): Observer {
  return {
    connection: (subject) =>
      joinConnections(observers.map((each) => each.connection(subject)).filter(isWatching)),
    refused: (subject) => observers.forEach((each) => each.refused(subject)),
    engineRestarted: (engine) => observers.forEach((each) => each.engineRestarted(engine)),
    encoderRestarted: () => observers.forEach((each) => each.encoderRestarted()),
  };
}

const nobody: ReadonlySet<unknown> = new Set([noConnection, noContext, noUtterance]);
const isWatching = (observer: unknown): boolean => !nobody.has(observer);

function joinConnections(all: readonly ConnectionObserver[]): ConnectionObserver {
  const [first = noConnection, ...others] = all;
  if (others.length === 0) return first;
  return {
    context: (subject) => joinContexts(all.map((each) => each.context(subject)).filter(isWatching)),
    refused: (code) => all.forEach((each) => each.refused(code)),
    closed: (cause) => all.forEach((each) => each.closed(cause)),
  };
}

function joinContexts(all: readonly ContextObserver[]): ContextObserver {
  const [first = noContext, ...others] = all;
  if (others.length === 0) return first;
  return {
    text: () => all.forEach((each) => each.text()),
    speaking: () => all.forEach((each) => each.speaking()),
    paused: () => all.forEach((each) => each.paused()),
    utterance: (subject) =>
      joinUtterances(all.map((each) => each.utterance(subject)).filter(isWatching)),
    firstAudio: (firstAudioMs) => all.forEach((each) => each.firstAudio(firstAudioMs)),
    underrun: (dryMs) => all.forEach((each) => each.underrun(dryMs)),
    ended: (outcome, turn) => all.forEach((each) => each.ended(outcome, turn)),
  };
}

function joinUtterances(all: readonly UtteranceObserver[]): UtteranceObserver {
  const [first = noUtterance, ...others] = all;
  if (others.length === 0) return first;
  return {
    lookedUp: (isFound) => all.forEach((each) => each.lookedUp(isFound)),
    dispatched: (queuedMs) => all.forEach((each) => each.dispatched(queuedMs)),
    firstAudio: () => all.forEach((each) => each.firstAudio()),
    synthesized: (audioMs, synthesisMs) =>
      all.forEach((each) => each.synthesized(audioMs, synthesisMs)),
    ended: () => all.forEach((each) => each.ended()),
  };
}
