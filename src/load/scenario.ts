/** A piece of text and when it is sent, counted from the first one of its turn. */
export interface TimedText {
  readonly atMs: number;
  readonly text: string;
}

/** What a stream says in one go. */
export interface TurnPlan {
  readonly texts: readonly TimedText[];
  /** How long nobody speaks after the listener has heard the end. */
  readonly pauseMs: number;
}

/** One listener. */
export interface StreamPlan {
  /** When its first turn begins, counted from the start of the run. */
  readonly startMs: number;
  /** One after another; may be endless when the run has a duration. */
  readonly turns: Iterable<TurnPlan>;
}

/**
 * `all-at-once`: every stream begins at once, sends the whole text of a turn in one message and
 * begins the next turn at the end of the last. `paced`: conversations at the pace of people, who
 * do not all speak at the same moment.
 */
export type Pace = "all-at-once" | "paced";

/** What {@link planStreams} makes streams of. */
export interface ScenarioOptions {
  readonly pace: Pace;
  readonly streams: number;
  /** One turn each; streams begin at different ones and start over after the last. */
  readonly texts: readonly string[];
  /** Of each stream; endless when absent, for runs with a duration. */
  readonly turns: number | undefined;
}

/** How fast a language model writes. */
export const tokensPerSecond = 30;
/** How long the user of a paced conversation speaks: as long as 150 characters of speech take. */
export const pauseMs = 10_000;
/** One turn of a paced conversation: 10 s of speech and the pause. */
export const pacedTurnMs = 20_000;

/** The streams of a run. Paced ones begin spread evenly over the length of one turn. */
export function planStreams(options: ScenarioOptions): StreamPlan[] {
  const { pace, streams } = options;
  return Array.from({ length: streams }, (_, stream) => ({
    startMs: pace === "paced" ? (stream * pacedTurnMs) / streams : 0,
    turns: { [Symbol.iterator]: () => turnsOf(stream, options) },
  }));
}

function* turnsOf(stream: number, { pace, texts, turns }: ScenarioOptions): Iterator<TurnPlan> {
  for (let turn = 0; turns === undefined || turn < turns; turn += 1) {
    const text = texts[(stream + turn) % texts.length] ?? "";
    yield pace === "paced"
      ? { texts: asTokens(text, tokensPerSecond), pauseMs }
      : { texts: [{ atMs: 0, text }], pauseMs: 0 };
  }
}

/** A text as a language model writes it: token by token, at an even pace. */
export function asTokens(text: string, perSecond: number): TimedText[] {
  return splitTokens(text).map((token, index) => ({
    atMs: (index * 1000) / perSecond,
    text: token,
  }));
}

/** White space with the first letters of a word, more of its letters, or one other character. */
const tokenPattern = /\s*[\p{L}\p{N}]{1,5}|\s*[^\p{L}\p{N}\s]|\s+/gu;

/** Cuts a text as finely as tokenizers do: about four characters each. Joined, they are the text. */
export function splitTokens(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}

/** 150 characters each, which take about ten seconds to say. */
export const conversationTexts: readonly string[] = [
  "Thank you for waiting. I found your booking for Thursday, and I can move it to the evening train if that suits you better; there are three seats left.",
  "The parcel left our warehouse this morning and should reach you tomorrow before noon. If nobody is at home, the driver will leave it with a neighbour.",
  "Let me see if I understood you. The light comes on, the fan turns for a moment, and then everything stops again until you pull out the cable, correct?",
  "We are open from nine until six on weekdays and from ten until two on Saturdays. On Sundays the shop is closed, but you can always leave us a message.",
  "Your appointment with the dentist is next Thursday at half past eight. Please come ten minutes early, because there is a short form to fill in before.",
  "The cheapest way is the number four bus from the station to the harbour, and then a walk of five minutes along the water until you see the white gate.",
  "I am sorry to hear that. I can send you a new one today without any charge, or I can give you the money back; please tell me which of them you prefer.",
  "It will be mostly dry with a little sun in the afternoon, and a gentle wind from the west. In the evening clouds come in, and it may rain at midnight.",
];
