import { isSayable, plainTextOf } from "./plain-text.ts";
import { PieceBuilder } from "./piece-builder.ts";
import type { EngineStatus } from "../../protocol/engines.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Voice } from "../../protocol/voice.ts";
import { eagerly } from "../eagerly.ts";
import { resampled } from "../resampled.ts";
import type { Pcm, Utterance } from "../synthesizer.ts";
import { evenLoudness, VoiceLevel } from "../stages/even-loudness.ts";
import { stretchPieces } from "../stages/stretch.ts";
import type { UpstreamManifest } from "../voice-folders.ts";
import type { VoiceIdentity } from "../voice-identity.ts";
import { elevenLabsRatesHz } from "./elevenlabs-wire.ts";
import { openAiRateHz } from "./openai.ts";
import type { RetryPlan } from "./retries.ts";
import type { SpeechRequest } from "./speech-request.ts";
import { UpstreamFailure } from "./upstream-failure.ts";
import { type RemoteOptions, type Upstream, Upstreams } from "./upstreams.ts";
import { VoicePace } from "./voice-pace.ts";

/** What a voice can do, by the protocol that its server speaks. */
const abilities: Record<UpstreamManifest["engine"], Pick<Voice, "timings" | "heeds">> = {
  openai: { timings: "estimated", heeds: [] },
  elevenlabs: {
    timings: "exact",
    heeds: ["stability", "similarityBoost", "style", "useSpeakerBoost"],
  },
};

const defaultRateHz = { openai: openAiRateHz, elevenlabs: 24_000 };
/** How long a text is that has nothing a voice could say: it still has its place in time. */
const silentMs = 20;

interface RemoteVoice {
  readonly upstream: Upstream;
  readonly manifest: UpstreamManifest;
  readonly pace: VoicePace;
  readonly level: VoiceLevel;
}

/** All voices of other servers: those that clients see, and those that only speak for others. */
export class RemoteVoices {
  readonly #upstreams: Upstreams;
  /** By id. Voices that are gone stay: who speaks with one goes on. */
  readonly #voices = new Map<string, RemoteVoice>();
  /** What was learned of each speaker of another server. */
  readonly #learned = new Map<string, Pick<RemoteVoice, "pace" | "level">>();
  /** What ends each utterance that is under way. */
  readonly #underWay = new Set<AbortController>();
  #isClosed = false;

  constructor(options: RemoteOptions) {
    this.#upstreams = new Upstreams(options);
  }

  /** The voice that a manifest describes, or one sentence about what is wrong with it. */
  add(identity: VoiceIdentity, manifest: UpstreamManifest): Voice | string {
    const { engine, sample_rate: sampleRateHz = defaultRateHz[engine] } = manifest;
    if (engine === "elevenlabs" && !elevenLabsRatesHz.includes(sampleRateHz)) {
      return `The sample_rate of its engine must be one of ${elevenLabsRatesHz.join(", ")}.`;
    }
    const upstream = this.#upstreams.find(manifest);
    if (typeof upstream === "string") return upstream;
    const { voice, model } = manifest;
    const speaker = JSON.stringify([upstream.name, voice, model, sampleRateHz]);
    const learned = this.#learned.get(speaker) ?? {
      pace: new VoicePace(),
      level: new VoiceLevel(sampleRateHz),
    };
    this.#learned.set(speaker, learned);
    this.#voices.set(identity.id, { upstream, manifest, ...learned });
    return { ...identity, engine, sampleRateHz, ...abilities[engine] };
  }

  /** Whether another server speaks it. */
  has({ id }: Voice): boolean {
    return this.#voices.has(id);
  }

  /** The servers that speak these voices. */
  upstreamsOf(voices: readonly Voice[]): EngineStatus["upstreams"] {
    const used = new Set(voices.flatMap(({ id }) => this.#voices.get(id)?.upstream ?? []));
    return [...used].flatMap(({ statuses }) => statuses);
  }

  /** As `Synthesizer.synthesize`, and tried again as the plan has it. */
  synthesize(utterance: Utterance, plan: RetryPlan, signal: AbortSignal): AsyncIterable<Pcm> {
    return eagerly(this.#speak(utterance, plan, signal));
  }

  close(): void {
    this.#isClosed = true;
    for (const owner of this.#underWay) owner.abort(new SpeechError("shutting_down"));
    this.#upstreams.close();
  }

  async *#speak(utterance: Utterance, plan: RetryPlan, asked: AbortSignal): AsyncGenerator<Pcm> {
    asked.throwIfAborted();
    if (this.#isClosed) throw new SpeechError("shutting_down");
    const owner = new AbortController();
    const onAbort = (): void => owner.abort(asked.reason);
    asked.addEventListener("abort", onAbort, { once: true });
    this.#underWay.add(owner);
    try {
      yield* this.#ask(utterance, plan, owner.signal);
    } catch (error) {
      owner.signal.throwIfAborted();
      throw error instanceof UpstreamFailure ? new SpeechError("engine_failed", {}, error) : error;
    } finally {
      this.#underWay.delete(owner);
      asked.removeEventListener("abort", onAbort);
    }
  }

  async *#ask(utterance: Utterance, plan: RetryPlan, signal: AbortSignal): AsyncGenerator<Pcm> {
    const { voice, settings, observer } = utterance;
    const known = this.#voices.get(voice.id);
    if (!known) throw new TypeError(`No other server speaks ${voice.slug}`);
    const { upstream, manifest, pace, level } = known;
    const { sampleRateHz } = voice;
    observer?.dispatched(0);
    const plain = plainTextOf(utterance, voice.language);
    const request: SpeechRequest = { plain, settings, manifest, sampleRateHz, pace };
    if (isSayable(plain.text)) {
      const speech = resampled(upstream.speak(request, plan, signal), sampleRateHz);
      yield* stretchPieces(evenLoudness(speech, level), settings.speed);
    } else {
      yield* silence(request);
    }
  }
}

function* silence({ plain, sampleRateHz }: SpeechRequest): Generator<Pcm> {
  const builder = new PieceBuilder(plain, sampleRateHz);
  builder.addSamples(new Int16Array((sampleRateHz * silentMs) / 1000));
  const piece = builder.finish();
  if (piece) yield piece;
}
