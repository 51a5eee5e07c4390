import type { SessionRules } from "../../protocol/speech.ts";

/** `kind` is compatible and forgiving; `observed` is the hosted service as it was seen to behave. */
export const profiles = ["kind", "observed"] as const;
export type Profile = (typeof profiles)[number];

/** Everything the profiles do differently. */
export interface Rules
  extends Omit<SessionRules, "maxContexts" | "failure" | "expiry" | "closeRace" | "shutdown"> {
  /** Whether a failure inside a context of `multi-stream-input` ends that context or the socket. */
  readonly contextFailure: "context" | "session";
  /** Whether errors of one context name it. */
  readonly errorsNameContext: boolean;
  /** Whether errors name the connection, so that it can be asked about. */
  readonly errorsNameConnection: boolean;
  /** Whether an empty text or a lone flush opens a context. */
  readonly emptyMessageOpens: boolean;
  /** `grace`: open contexts are finished, but not for long; `when_empty`: they are waited for. */
  readonly closeSocket: "grace" | "when_empty";
  /** Whether `context_id` and `is_final` are sent as well. */
  readonly duplicateSpellings: boolean;
}

/** One thing the profiles do differently. */
export interface Difference<Value> {
  readonly subject: string;
  /** What the vendor's documentation says. */
  readonly documented: string;
  /** What the hosted service was seen to do. */
  readonly seen: string;
  readonly kind: Behaviour<Value>;
  readonly observed: Behaviour<Value>;
}

interface Behaviour<Value> {
  readonly value: Value;
  readonly says: string;
}

/** The one table of differences; the profiles and docs/compatibility.md are made from it. */
export const differences: { readonly [Rule in keyof Rules]: Difference<Rules[Rule]> } = {
  countedContexts: {
    subject: "Which contexts count towards the cap of five",
    documented: "Up to five simultaneous contexts.",
    seen: "Every context counts until its final frame, also one that is closing, and one that a keepalive has opened.",
    kind: {
      value: "speaking",
      says: "Contexts that are closing, or were never given text, do not count. The cap can be set with `--max-contexts`.",
    },
    observed: { value: "all", says: "All count until their final frame. The cap is five." },
  },
  overflow: {
    subject: "One context too many",
    documented: "Nothing but the number.",
    seen: "`max_active_conversations` with 1008 closes the socket and takes the other five contexts with it.",
    kind: {
      value: "context",
      says: "Only the new context fails: an error frame with its `contextId`, then its final frame. What else comes for it is ignored until it is flushed, closed or initialised anew.",
    },
    observed: { value: "session", says: "The socket is closed with 1008." },
  },
  contextFailure: {
    subject: "A failure inside one context",
    documented: "Nothing.",
    seen: "The error frame is followed by the close of the socket.",
    kind: {
      value: "context",
      says: "The context ends with an error frame and its final frame, and what else comes for it is ignored until it is flushed, closed or initialised anew; the others go on.",
    },
    observed: { value: "session", says: "The socket is closed." },
  },
  errorsNameContext: {
    subject: "`contextId` in error frames",
    documented: "Nothing.",
    seen: "Often missing, also where the error is about one context.",
    kind: {
      value: true,
      says: "Present when the error is about one context, absent when it is about the socket.",
    },
    observed: { value: false, says: "Never present." },
  },
  errorsNameConnection: {
    subject: "`trace_id` in error frames",
    documented: "Nothing.",
    seen: "Never there.",
    kind: {
      value: true,
      says: "The `x-trace-id` of the upgrade: `syrinx why` and `/v1/connections/{id}` explain it.",
    },
    observed: { value: false, says: "Never present." },
  },
  emptyMessageOpens: {
    subject: 'A message with `"text":""` or a lone `flush` for a context that is not open',
    documented: "Empty text keeps a context alive.",
    seen: "It opens the context, without voice settings; it then counts, and a later initialisation with settings is refused.",
    kind: { value: false, says: "Opens nothing; it keeps the socket alive." },
    observed: { value: true, says: "Opens the context." },
  },
  changedSettings: {
    subject: "Changed `voice_settings`",
    documented:
      "The guide says they may be overridden with any message, the schema that they are given once and do not change.",
    seen: "Repeated settings are accepted; other ones, or first ones in a later message, close the socket with 1008.",
    kind: { value: "apply", says: "They apply to what is dispatched afterwards." },
    observed: {
      value: "refuse",
      says: "The socket is closed with 1008 and `invalid_voice_settings` (the name is ours: none was captured).",
    },
  },
  closeSocket: {
    subject: "`close_socket` while contexts are open",
    documented: "Closes all contexts, then the socket; contexts that are flushing finish first.",
    seen: "Nothing happens until no context is open any more, which a phantom context delays by its whole timeout.",
    kind: {
      value: "grace",
      says: "Idle contexts go at once, speaking ones get their final frames within `--close-grace-ms`, then Close 1000.",
    },
    observed: {
      value: "when_empty",
      says: "Close 1000 when the last context has been closed or has timed out.",
    },
  },
  closeDelayMs: {
    subject: "The Close frame after the last frame",
    documented: "Nothing.",
    seen: "740 to 805 ms after the final frame or the error frame.",
    kind: { value: 0, says: "At once." },
    observed: { value: 800, says: "800 ms later; what the client sends meanwhile is ignored." },
  },
  partialWords: {
    subject: "A message that ends in the middle of a word, with `auto_mode=true`",
    documented: "Meant for whole sentences or phrases.",
    seen: "Each message is a segment of its own: `Hel`, `lo` are spoken as two words.",
    kind: {
      value: "hold",
      says: "The last word waits for its rest: until the next message, a flush, or 150 ms.",
    },
    observed: { value: "speak", says: "Every message is spoken as it is." },
  },
  backgroundPace: {
    subject: "A context that is being closed while a newer one speaks (barge-in)",
    documented: "Close the old context and ignore its frames.",
    seen: "The old context's audio keeps coming as fast as before.",
    kind: {
      value: "realtime",
      says: "The newest context speaks first. The old one is slowed to real time, two seconds ahead, so that whoever still listens misses nothing; `x_discard_on_close=true` stops it.",
    },
    observed: { value: "free", says: "All contexts are sent as fast as they can be." },
  },
  duplicateSpellings: {
    subject: "`context_id` beside `contextId`, `is_final` beside `isFinal` (multi-stream-input)",
    documented: "Samples read `is_final`; the schema says `isFinal` and `contextId`.",
    seen: "Only `isFinal` and `contextId`.",
    kind: { value: true, says: "Both spellings are sent." },
    observed: { value: false, says: "Only `isFinal` and `contextId` are sent." },
  },
};

function readRules(profile: Profile): Rules {
  const rules: Record<string, unknown> = {};
  for (const [rule, row] of Object.entries(differences)) rules[rule] = row[profile].value;
  return rules as unknown as Rules;
}

const rulesByProfile: Readonly<Record<Profile, Rules>> = {
  kind: readRules("kind"),
  observed: readRules("observed"),
};

/** The rules of a profile. */
export function rulesOf(profile: Profile): Rules {
  return rulesByProfile[profile];
}
