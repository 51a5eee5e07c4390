import type { KeyStore, QuotaStore, TokenStore } from "./accounts.ts";
import type { ConnectionStore } from "./connections.ts";
import type { DictionaryLocator, PronunciationRule } from "./pronunciation.ts";
import type { RecordLimits, TurnRecord } from "./records.ts";
import type { VoiceSettings } from "./voice.ts";

/** What is kept beyond one request. Everything is asynchronous: a database may stand behind it. */
export interface Stores {
  readonly history: HistoryStore;
  readonly connections: ConnectionStore;
  readonly usage: UsageStore;
  readonly voiceSettings: VoiceSettingsStore;
  readonly dictionaries: DictionaryStore;
  readonly keys: KeyStore;
  readonly tokens: TokenStore;
  readonly quotas: QuotaStore;
}

/** Which turns of the history are asked for; what is undefined does not matter. */
export interface HistoryQuery {
  /** Of one key only. */
  readonly keyId: string | undefined;
  readonly pageSize: number;
  readonly order: "newest-first" | "oldest-first";
  /** The turn after which the page begins; it may be gone already. */
  readonly afterId: string | undefined;
  readonly voiceId: string | undefined;
  readonly modelId: string | undefined;
  /** Not before this moment. */
  readonly fromUnix: number | undefined;
  /** Before this moment. */
  readonly untilUnix: number | undefined;
  /** Part of the text, in any case. */
  readonly search: string | undefined;
}

export interface HistoryPage {
  readonly turns: readonly TurnRecord[];
  readonly hasMore: boolean;
}

/** The turns that were spoken, in the order of their ids, and their sound. */
export interface HistoryStore {
  /** Resolves when it is kept, whatever happens then, with all sound that was given before. */
  add(turn: TurnRecord): Promise<void>;
  /** Keeps the next bytes of the sound of a turn that is to be added. */
  addAudio(turnId: string, bytes: Uint8Array): void;
  /** Forgets the sound of a turn that is not to be added. */
  dropAudio(turnId: string): void;
  list(query: HistoryQuery): Promise<HistoryPage>;
  find(id: string): Promise<TurnRecord | undefined>;
  /** The sound of a turn from its first byte on; nothing if none was kept. */
  audio(id: string): AsyncIterable<Uint8Array>;
  /** Whether it was there. Nothing of it can be read any more, not even from the disk. */
  delete(id: string): Promise<boolean>;
  /** Deletes turns that are too old, and the oldest ones while all sound takes more room. Gives how many. */
  prune(limits: RecordLimits): Promise<number>;
}

/** How much was spoken. */
export interface Usage {
  readonly requests: number;
  readonly characters: number;
  readonly cost: number;
  readonly audioMs: number;
}

export const noUsage: Usage = { requests: 0, characters: 0, cost: 0, audioMs: 0 };

export interface UsageEntry extends Usage {
  readonly atUnix: number;
  readonly keyId: string;
  readonly voiceId: string;
  readonly modelId: string;
}

export interface UsageQuery {
  /**
   * Where each bucket of time begins and, last, where the last one ends: ascending, all of them at
   * full hours, since the hour is what is counted.
   */
  readonly edgesUnix: readonly number[];
  readonly by: "all" | "voice" | "model";
  /** Of one key only. */
  readonly keyId: string | undefined;
}

/** The usage of one voice or model, or of all, in each bucket of time. */
export interface UsageSeries {
  /** Id of the voice or model; empty for all. */
  readonly key: string;
  readonly buckets: readonly Usage[];
}

/** Counts what is spoken, by the hour, the key, the voice and the model. */
export interface UsageStore {
  /** Counts at once and keeps it soon. Less than nothing takes back. Resolves when it is kept, whatever happens then. */
  add(entry: UsageEntry): Promise<void>;
  /** Keeps at once what was counted so far. */
  flushed(): Promise<void>;
  /** Only what was used has a series, in the order of their keys. */
  series(query: UsageQuery): Promise<readonly UsageSeries[]>;
  /** Everything there ever was, or what one key used. */
  total(keyId: string | undefined): Promise<Usage>;
}

/** How each voice speaks when a request does not say. */
export interface VoiceSettingsStore {
  find(voiceId: string): Promise<VoiceSettings | undefined>;
  save(voiceId: string, settings: VoiceSettings): Promise<void>;
}

/** One state of a dictionary's rules; it never changes. */
export interface DictionaryVersion {
  readonly id: string;
  readonly createdAtUnix: number;
  readonly rules: readonly PronunciationRule[];
}

export interface Dictionary {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly createdAtUnix: number;
  /** Undefined while it is in use. */
  readonly archivedAtUnix: number | undefined;
  readonly latest: DictionaryVersion;
}

export interface DictionaryQuery {
  readonly pageSize: number;
  readonly sort: "created" | "name";
  readonly descending: boolean;
  readonly withArchived: boolean;
  /** The dictionary after which the page begins. */
  readonly afterId: string | undefined;
}

export interface DictionaryPage {
  readonly dictionaries: readonly Dictionary[];
  readonly hasMore: boolean;
}

/** What locators stand for. */
export interface ResolvedDictionaries {
  /** Of all dictionaries, in the order of the locators. */
  readonly rules: readonly PronunciationRule[];
  /** The versions the rules come from. */
  readonly found: readonly DictionaryLocator[];
  readonly missing: readonly DictionaryLocator[];
}

/** Pronunciation dictionaries and all their versions. An archived one can still be used. */
export interface DictionaryStore {
  /** @throws {SpeechError} dictionaries_full */
  create(
    dictionary: Pick<Dictionary, "name" | "description"> & Pick<DictionaryVersion, "rules">,
  ): Promise<Dictionary>;
  /**
   * Makes a new version of what `change` makes of the latest rules; undefined if there is no such
   * dictionary. What `change` throws is thrown, and nothing is changed.
   * @throws {SpeechError} dictionaries_full
   */
  revise(
    id: string,
    change: (rules: readonly PronunciationRule[]) => readonly PronunciationRule[],
  ): Promise<Dictionary | undefined>;
  /** Changes what is given. */
  update(
    id: string,
    change: { readonly name: string | undefined; readonly archived: boolean | undefined },
  ): Promise<Dictionary | undefined>;
  find(id: string): Promise<Dictionary | undefined>;
  findVersion(id: string, versionId: string): Promise<DictionaryVersion | undefined>;
  /** Undefined if there is no dictionary `afterId`. */
  list(query: DictionaryQuery): Promise<DictionaryPage | undefined>;
  /** A version that does not exist counts as missing. */
  resolve(locators: readonly DictionaryLocator[]): Promise<ResolvedDictionaries>;
}
