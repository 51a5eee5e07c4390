import type { Use } from "../protocol/accounts.ts";
import type { AccountParts } from "./account-parts.ts";

/** Counts an utterance. What it gives takes it back, as less than nothing. */
export function countUse(
  { usage, wallClock, onFault }: AccountParts,
  keyId: string,
  { voice, model, characters, cost }: Use,
): () => void {
  const atUnix = Math.floor(wallClock() / 1000);
  const entry = { atUnix, keyId, voiceId: voice.id, modelId: model.id, requests: 0, audioMs: 0 };
  usage.add({ ...entry, characters, cost }).catch(onFault);
  return () => {
    usage.add({ ...entry, characters: -characters, cost: -cost }).catch(onFault);
  };
}

/** Does it at the first call only. */
export function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
