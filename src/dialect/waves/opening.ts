import type { Command, Configuration, ContextId } from "../../protocol/speech.ts";
import type { MessageKind, WireRequest } from "./messages.ts";
import type { SpokenRequest, SpokenRequests } from "./spoken-requests.ts";
import type { Voicing } from "./voicing.ts";

/** What the readers of a socket's messages work with. */
export interface ReaderParts {
  readonly requests: SpokenRequests;
  readonly kind: MessageKind;
  /** How long it must be quiet before `complete`, where a client has not said that its turn ends. */
  readonly completeMs: number;
  /** @throws {SpeechError} what is wrong with the request's voice, model or format */
  readVoicing(message: WireRequest): Voicing;
}

/** How a run or a context of the client begins, and goes on when it was emptied. */
export interface Opening {
  readonly message: WireRequest;
  readonly voicing: Voicing;
  /** What does not depend on the voice. */
  readonly others: Configuration;
}

/** A context of the session that speaks for the client's. */
export interface OpenedContext {
  readonly context: ContextId;
  readonly request: SpokenRequest;
  readonly commands: readonly Command[];
}

/** Opens a context of the session, to speak after another. */
export function open(
  { message, voicing, others }: Opening,
  { requests }: ReaderParts,
  after: ContextId | undefined,
): OpenedContext {
  const { warnings, ...settings } = voicing;
  const { context, request } = requests.open(message, voicing.format);
  const configuration = { ...settings, ...others };
  return {
    context,
    request,
    commands: [
      { type: "configure", context, configuration, opens: true, after },
      ...warnings.map((warning) => ({ type: "warn", warning, context }) as const),
    ],
  };
}

/** Stops a context of the session for good. */
export const cancel = (context: ContextId): Command => ({
  type: "cancel",
  context,
  playedMs: undefined,
  keep: false,
});
