import { describe, expect, it } from "vitest";
import {
  type ContextSubject,
  noConnection,
  noContext,
  type Observer,
} from "../protocol/observer.ts";
import type { TurnSummary } from "../protocol/speech.ts";
import { endBy, subjectOfSocket } from "../../test/support/connections.ts";
import { RecordingObserver } from "../../test/support/recording-observer.ts";
import { joinObservers } from "./join-observers.ts";

const connection = subjectOfSocket();
const context = { voice: { slug: "tone" } } as unknown as ContextSubject;

const watchingNothing: Observer = {
  connection: () => noConnection,
  refused: () => {},
  engineRestarted: () => {},
  encoderRestarted: () => {},
  upstreamFailed: () => {},
  failedOver: () => {},
};

function tellAll(observer: Observer): void {
  observer.refused({
    ...connection,
    scope: "upgrade",
    keyId: undefined,
    problem: { code: "not_found", details: {} },
    status: 404,
  });
  observer.engineRestarted("tone");
  observer.upstreamFailed("openai http://other", "stalled");
  observer.failedOver("tone", "midway");
  observer.encoderRestarted();
  const connected = observer.connection(connection);
  connected.refused({ code: "too_many_contexts", details: {} }, undefined);
  const opened = connected.context(context);
  opened.text();
  opened.speaking();
  const utterance = opened.utterance({ characters: 3 });
  utterance.lookedUp(false);
  utterance.dispatched(1);
  utterance.firstAudio();
  utterance.synthesized(10, 2);
  opened.firstAudio(5);
  utterance.ended();
  opened.underrun(7);
  opened.paused();
  opened.ended("complete", { outcome: "complete" } as TurnSummary);
  connected.closed(endBy("end_marker"));
}

describe("joined observers", () => {
  it("are all told everything, in order", () => {
    const alone = new RecordingObserver();
    tellAll(alone);
    const [one, other] = [new RecordingObserver(), new RecordingObserver()];
    tellAll(joinObservers([one, watchingNothing, other]));
    expect(alone.told.length).toBe(21);
    expect(one.told).toEqual(alone.told);
    expect(other.told).toEqual(alone.told);
  });

  it("put nothing between a connection and the only one who watches it", () => {
    const watched = { ...noConnection };
    const only: Observer = { ...watchingNothing, connection: () => watched };
    expect(joinObservers([watchingNothing, only]).connection(connection)).toBe(watched);
    expect(joinObservers([watchingNothing]).connection(connection)).toBe(noConnection);
  });

  it("put nothing between a context and the only one who watches it", () => {
    const watched = { ...noContext };
    const looking = { ...noConnection, context: () => watched };
    const only: Observer = { ...watchingNothing, connection: () => looking };
    const idle: Observer = { ...watchingNothing, connection: () => ({ ...noConnection }) };
    const joined = joinObservers([idle, only]).connection(connection);
    expect(joined.context(context)).toBe(watched);
  });
});
