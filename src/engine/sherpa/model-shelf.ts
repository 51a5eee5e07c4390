import { stat } from "node:fs/promises";
import type { VoiceFault } from "../../protocol/engines.ts";
import type { Voice } from "../../protocol/voice.ts";
import { type VoiceFolder, type VoiceFolders } from "../voice-folders.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedModel } from "./model.ts";
import { findRuntime, installHint } from "./runtime.ts";
import type { Speaker } from "./speakers.ts";
import { voicesOf } from "./voices.ts";

/** A model in a voice folder, with the voices that speak in it. */
export interface Shelved {
  readonly name: string;
  readonly model: CheckedModel;
  readonly voices: readonly Voice[];
  /** Changes with what lies in the folder. */
  readonly state: string;
}

/** Who speaks with a voice. */
export interface Seat {
  readonly model: CheckedModel;
  readonly speaker: Speaker;
}

/** What came of looking at the folders. */
export interface ShelfChanges {
  readonly faults: readonly VoiceFault[];
  /** Models that are not there any more, or not as they were. */
  readonly gone: readonly CheckedModel[];
}

/** The models of the voice folders, as they were when they were last looked at. */
export class ModelShelf {
  #shelved: readonly Shelved[] = [];
  /** Also of voices that have gone: who has found one keeps it. */
  readonly #seats = new WeakMap<Voice, Seat>();
  #seatsById = new Map<string, Seat>();
  /** Also of models that have gone, for as long as they are spoken with. */
  readonly #names = new WeakMap<CheckedModel, string>();

  get models(): readonly CheckedModel[] {
    return this.#shelved.map(({ model }) => model);
  }

  get voices(): readonly Voice[] {
    return this.#shelved.flatMap(({ voices }) => voices);
  }

  nameOf(model: CheckedModel): string {
    return this.#names.get(model) ?? "";
  }

  seatOf(voice: Voice): Seat | undefined {
    return this.#seats.get(voice) ?? this.#seatsById.get(voice.id);
  }

  /** Looks at all folders again. A model that has not changed is the same as before. */
  async refresh({ folders }: VoiceFolders): Promise<ShelfChanges> {
    // The others say who speaks: that is the affair of other engines.
    const ours = folders.filter(({ manifest }) => manifest.engines === undefined);
    const read = await Promise.all(ours.map((folder) => this.#read(folder)));
    const faults: VoiceFault[] = [];
    const shelved: Shelved[] = [];
    const slugs = new Set<string>();
    for (const each of read) {
      const fault = "reason" in each ? each : nameFault(each, slugs);
      if (fault) faults.push(fault);
      if (fault || "reason" in each) continue;
      for (const { slug } of each.voices) slugs.add(slug);
      shelved.push(each);
    }
    const models = new Set(shelved.map(({ model }) => model));
    const gone = this.models.filter((model) => !models.has(model));
    this.#shelved = shelved;
    this.#seat(shelved);
    return { faults, gone };
  }

  async #read(folder: VoiceFolder): Promise<Shelved | VoiceFault> {
    const { name } = folder;
    const model = await checkModel(folder);
    if ("reason" in model) return model;
    if (findRuntime() === undefined) {
      return {
        name,
        reason: `It is a model for sherpa-onnx, which is not installed: ${installHint}`,
      };
    }
    const state = await stateOf(folder, model);
    const known = this.#shelved.find((each) => each.name === name && each.state === state);
    return known ?? { name, model, state, voices: voicesOf(folder, model) };
  }

  #seat(shelved: readonly Shelved[]): void {
    this.#seatsById = new Map();
    for (const { name, model, voices } of shelved) {
      this.#names.set(model, name);
      voices.forEach((voice, index) => {
        const speaker = model.speakers[index];
        if (!speaker) return;
        this.#seats.set(voice, { model, speaker });
        this.#seatsById.set(voice.id, { model, speaker });
      });
    }
  }
}

/** Two voices of one slug could not be told apart. */
function nameFault({ name, voices }: Shelved, slugs: ReadonlySet<string>): VoiceFault | undefined {
  const clash = voices.find(({ slug }) => slugs.has(slug));
  if (!clash) return undefined;
  return { name, reason: `Another voice is called ${clash.slug} as well: rename the folder.` };
}

/** What a model was made of, in a form that is compared. */
async function stateOf({ manifest }: VoiceFolder, { config }: CheckedModel): Promise<string> {
  const paths = [
    ...Object.values(config.files).flatMap((list) => list.split(",")),
    ...config.rules,
  ];
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  const files = stats.map((each) => [each?.size, each?.mtimeMs]);
  return JSON.stringify([manifest, config, files]);
}
