import { type CauseId, causeRow } from "../../src/protocol/causes.ts";
import type { ConnectionRecord } from "../../src/protocol/connections.ts";
import type { ConnectionEnd, ConnectionSubject } from "../../src/protocol/observer.ts";

/** A connection that nobody has made. */
export const subjectOfSocket = (changes: Partial<ConnectionSubject> = {}): ConnectionSubject => ({
  transport: "socket",
  method: "GET",
  dialect: "tests",
  route: "/",
  url: "/",
  traceId: "0".repeat(32),
  credential: "none",
  header: () => undefined,
  ...changes,
});

/** The end of a connection by a cause. */
export const endBy = (id: CauseId): ConnectionEnd => ({
  cause: { id, details: {} },
  by: "server",
  code: causeRow(id).closeCode,
  reason: "",
});

/** A connection that has ended as it should, of which nothing matters but what is given. */
export const connectionOf = (
  id: string,
  changes: Partial<ConnectionRecord> = {},
): ConnectionRecord => ({
  id,
  transport: "socket",
  dialect: "elevenlabs",
  method: "GET",
  route: "/v1/text-to-speech/:voice_id/stream-input",
  url: "/v1/text-to-speech/tone/stream-input",
  userAgent: "test/1",
  credential: "key",
  keyId: undefined,
  voiceId: undefined,
  modelId: undefined,
  openedAtMs: 1_700_000_000_000,
  durationMs: 1234,
  cause: { id: "end_marker", details: {} },
  endedBy: "server",
  closeCode: 1000,
  closeReason: "",
  counts: {
    messagesReceived: 2,
    bytesReceived: 40,
    messagesSent: 3,
    bytesSent: 9000,
    largestSentBytes: 8000,
    characters: 12,
    contexts: 1,
    audioMs: 800,
    underruns: 0,
    eventsLeftOut: 0,
  },
  events: [],
  ...changes,
});
