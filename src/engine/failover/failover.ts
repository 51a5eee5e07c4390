import type { Clock } from "../../clock.ts";
import type { UpstreamStatus, VoiceFault } from "../../protocol/engines.ts";
import type { HeededSetting, Voice } from "../../protocol/voice.ts";
import { eagerly } from "../eagerly.ts";
import type { RemoteVoices } from "../remote/remote-voices.ts";
import { noRetries, patientRetries } from "../remote/retries.ts";
import type { Engine, Pcm, Utterance } from "../synthesizer.ts";
import { type VoiceFolder, type VoiceManifest, voiceIdOf } from "../voice-folders.ts";
import { identify } from "../voice-identity.ts";
import { CircuitBreaker } from "../circuit-breaker.ts";
import { speakInTurn, type Understudy } from "./speak-in-turn.ts";

/** What voices with several engines are made of. */
export interface FailoverOptions {
  readonly clock: Clock;
  readonly remote: RemoteVoices;
  /** Those whose voices may be named. */
  readonly engines: readonly Engine[];
  /** Told whenever the next one had to speak, with the voice's slug. */
  readonly onFailover?: (voice: string, isMidway: boolean) => void;
}

type Entry = NonNullable<VoiceManifest["engines"]>[number];

/** Whether a folder's voice is one of this engine: it has several who speak, or names another voice. */
const isOurs = ({ manifest: { engines = [] } }: VoiceFolder): boolean =>
  engines.length > 1 || engines.some((entry) => "voice" in entry && !("engine" in entry));

/** Voices that are spoken by the first of several engines that can. */
export function createFailoverEngine(options: FailoverOptions): Engine {
  const { clock, remote, engines, onFailover } = options;
  /** How the engines of this machine are doing, by name; other servers know it of themselves. */
  const breakers = new Map<string, CircuitBreaker>();
  /** By id. Voices that are gone stay: who speaks with one goes on. */
  const casts = new Map<string, readonly Voice[]>();
  let voices: readonly Voice[] = [];

  const breakerOf = (engine: string): CircuitBreaker => {
    let breaker = breakers.get(engine);
    if (!breaker) breakers.set(engine, (breaker = new CircuitBreaker(clock)));
    return breaker;
  };

  const castOf = (folder: VoiceFolder, entries: readonly Entry[]): readonly Voice[] | string => {
    const cast: Voice[] = [];
    for (const [index, entry] of entries.entries()) {
      const found = "engine" in entry ? addHidden(folder, entry, index) : findVoice(entry.voice);
      if (typeof found === "string") return found;
      cast.push(found);
    }
    return cast;
  };

  const addHidden = (
    folder: VoiceFolder,
    entry: Extract<Entry, { engine: string }>,
    index: number,
  ): Voice | string => {
    const identity = identify(folder);
    const slug = `${identity.slug}-${index + 1}`;
    return remote.add({ ...identity, slug, id: voiceIdOf(`failover ${slug}`) }, entry);
  };

  const findVoice = (name: string): Voice | string =>
    engines
      .flatMap((engine) => engine.voices)
      .find(({ id, slug }) => slug === name || id === name) ??
    `Its voice.json names the voice ${name}, which is not there, or has several engines itself.`;

  const addVoice = (folder: VoiceFolder): Voice | VoiceFault => {
    const cast = castOf(folder, folder.manifest.engines ?? []);
    if (typeof cast === "string") return { name: folder.name, reason: cast };
    const [first] = cast as readonly [Voice];
    const identity = identify(folder, {
      ...first,
      description: "Spoken by the first of several engines that can.",
    });
    casts.set(identity.id, cast);
    return {
      ...identity,
      engine: "failover",
      sampleRateHz: first.sampleRateHz,
      timings: cast.every(({ timings }) => timings === "exact") ? "exact" : "estimated",
      heeds: first.heeds.filter((setting: HeededSetting) =>
        cast.every(({ heeds }) => heeds.includes(setting)),
      ),
    };
  };

  const understudyOf = (voice: Voice, isLast: boolean): Understudy => ({
    speak(utterance, signal) {
      const asked: Utterance = { ...utterance, voice };
      if (remote.has(voice)) {
        return remote.synthesize(asked, isLast ? patientRetries : noRetries, signal);
      }
      const attempt = breakerOf(voice.engine).attempt();
      const engine = engines.find(({ name }) => name === voice.engine);
      if (!attempt || !engine) return undefined;
      return watched(engine.synthesize(asked, signal), attempt, signal);
    },
  });

  return {
    name: "failover",
    streams: true,
    isDeterministic: false,
    get voices() {
      return voices;
    },
    get upstreams() {
      const cast = voices.flatMap(({ id }) => casts.get(id) ?? []);
      const local = new Set(cast.filter((voice) => !remote.has(voice)).map(({ engine }) => engine));
      const statuses = [...local].map(
        (name): UpstreamStatus => ({ name, ...breakerOf(name).status }),
      );
      return [...remote.upstreamsOf(cast), ...statuses];
    },
    refresh({ folders }) {
      const found = folders.filter(isOurs).map(addVoice);
      voices = found.flatMap((each) => ("reason" in each ? [] : [each]));
      return Promise.resolve(found.flatMap((each) => ("reason" in each ? [each] : [])));
    },
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
    synthesize(utterance, signal) {
      const { voice } = utterance;
      const cast = casts.get(voice.id) ?? [];
      const understudies = cast.map((each, index) => understudyOf(each, index === cast.length - 1));
      const tell = (isMidway: boolean): void => onFailover?.(voice.slug, isMidway);
      return eagerly(speakInTurn(understudies, utterance, tell, signal));
    },
  };
}

/** Pieces as they come, and how it ended, for whoever remembers how an engine is doing. */
async function* watched(
  pieces: AsyncIterable<Pcm>,
  attempt: NonNullable<ReturnType<CircuitBreaker["attempt"]>>,
  signal: AbortSignal,
): AsyncGenerator<Pcm> {
  try {
    yield* pieces;
    attempt.succeeded();
  } catch (error) {
    if (!signal.aborted) attempt.failed();
    throw error;
  } finally {
    attempt.abandoned();
  }
}
