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
    upstreamFailed: (...failure) => observers.forEach((each) => each.upstreamFailed(...failure)),
    failedOver: (...change) => observers.forEach((each) => each.failedOver(...change)),
  };
}

const nobody: ReadonlySet<unknown> = new Set([noConnection, noContext, noUtterance]);
const isWatching = (observer: unknown): boolean => !nobody.has(observer);

function joinConnections(all: readonly ConnectionObserver[]): ConnectionObserver {
  const [first = noConnection, ...others] = all;
  return others.length === 0 ? first : new JoinedConnection(all);
}

/** Tells several of one connection; there are many, mostly idle, so it is small. */
class JoinedConnection implements ConnectionObserver {
  readonly #all: readonly ConnectionObserver[];

  constructor(all: readonly ConnectionObserver[]) {
    this.#all = all;
  }

  opened(...told: Parameters<ConnectionObserver["opened"]>): void {
    for (const each of this.#all) each.opened(...told);
  }

  admitted(keyId: string): void {
    for (const each of this.#all) each.admitted(keyId);
  }

  received(...told: Parameters<ConnectionObserver["received"]>): void {
    for (const each of this.#all) each.received(...told);
  }

  get wantsContent(): boolean {
    return this.#all.some(({ wantsContent }) => wantsContent);
  }

  content(message: string | Uint8Array): void {
    for (const each of this.#all) if (each.wantsContent) each.content(message);
  }

  sent(...told: Parameters<ConnectionObserver["sent"]>): void {
    for (const each of this.#all) each.sent(...told);
  }

  held(isHeld: boolean): void {
    for (const each of this.#all) each.held(isHeld);
  }

  context(...told: Parameters<ConnectionObserver["context"]>): ContextObserver {
    return joinContexts(this.#all.map((each) => each.context(...told)).filter(isWatching));
  }

  timerFired(...told: Parameters<ConnectionObserver["timerFired"]>): void {
    for (const each of this.#all) each.timerFired(...told);
  }

  refused(...told: Parameters<ConnectionObserver["refused"]>): void {
    for (const each of this.#all) each.refused(...told);
  }

  warned(...told: Parameters<ConnectionObserver["warned"]>): void {
    for (const each of this.#all) each.warned(...told);
  }

  closed(...told: Parameters<ConnectionObserver["closed"]>): void {
    for (const each of this.#all) each.closed(...told);
  }
}

function joinContexts(all: readonly ContextObserver[]): ContextObserver {
  const [first = noContext, ...others] = all;
  return others.length === 0 ? first : new JoinedContext(all);
}

class JoinedContext implements ContextObserver {
  readonly #all: readonly ContextObserver[];

  constructor(all: readonly ContextObserver[]) {
    this.#all = all;
  }

  text(): void {
    for (const each of this.#all) each.text();
  }

  speaking(): void {
    for (const each of this.#all) each.speaking();
  }

  paused(): void {
    for (const each of this.#all) each.paused();
  }

  utterance(...told: Parameters<ContextObserver["utterance"]>): UtteranceObserver {
    return joinUtterances(this.#all.map((each) => each.utterance(...told)).filter(isWatching));
  }

  firstAudio(firstAudioMs: number): void {
    for (const each of this.#all) each.firstAudio(firstAudioMs);
  }

  underrun(dryMs: number): void {
    for (const each of this.#all) each.underrun(dryMs);
  }

  ended(...told: Parameters<ContextObserver["ended"]>): void {
    for (const each of this.#all) each.ended(...told);
  }
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
