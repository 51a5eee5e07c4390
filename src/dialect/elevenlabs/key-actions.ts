import type { Key } from "../../protocol/accounts.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { shorten } from "../short-text.ts";
import { type KeyBodyParts, readGraceSeconds, readKeyChange, readNewKey } from "./key-body.ts";
import { formatKey, formatNewKey } from "./key-json.ts";
import type { ElevenLabsParts } from "./parts.ts";

/** What can be done with keys. Bodies and answers are as on the wire. */
export interface KeyActions {
  list(): Promise<unknown>;
  /** @throws {SpeechError} invalid_body */
  create(body: unknown): Promise<unknown>;
  /** @throws {SpeechError} key_not_found */
  show(id: string): Promise<unknown>;
  /** @throws {SpeechError} invalid_body, key_not_found, key_revoked_for_good, key_of_settings */
  update(id: string, body: unknown): Promise<unknown>;
  /** @throws {SpeechError} invalid_body, key_not_found, key_revoked_for_good, key_of_settings */
  rotate(id: string, body: unknown): Promise<unknown>;
  /** @throws {SpeechError} key_not_found, key_of_settings */
  revoke(id: string): Promise<unknown>;
}

/** What looking after keys needs. */
export type KeyActionsParts = KeyBodyParts & {
  readonly stores: Pick<ElevenLabsParts["stores"], "keys">;
};

/** Looks after the keys of a store, and lets the server take over every change at once. */
export function createKeyActions(parts: KeyActionsParts): KeyActions {
  const { keys: desk } = parts;
  const { keys } = parts.stores;

  const format = async (key: Key): Promise<unknown> => formatKey(key, await desk.quotaUse(key));
  const findFixed = (id: string): Key | undefined => desk.fixed.find((key) => key.id === id);
  const refuseFixed = (id: string): void => {
    if (findFixed(id)) throw new SpeechError("key_of_settings", { id });
  };
  const refuseUnchangeable = async (id: string): Promise<void> => {
    refuseFixed(id);
    const { revokedAtUnix } = there(await keys.find(id), id);
    if (revokedAtUnix !== undefined) throw new SpeechError("key_revoked_for_good", { id });
  };

  return {
    async list() {
      const all = [...desk.fixed, ...(await keys.list())];
      return { keys: await Promise.all(all.map(format)) };
    },
    async create(body) {
      const made = await keys.create(readNewKey(body, parts));
      await desk.refresh();
      return formatNewKey(made, await desk.quotaUse(made.key));
    },
    async show(id) {
      return format(findFixed(id) ?? there(await keys.find(id), id));
    },
    async update(id, body) {
      await refuseUnchangeable(id);
      const key = there(await keys.update(id, readKeyChange(body, parts)), id);
      await desk.refresh();
      return format(key);
    },
    async rotate(id, body) {
      await refuseUnchangeable(id);
      const made = there(await keys.rotate(id, readGraceSeconds(body)), id);
      await desk.refresh();
      return formatNewKey(made, await desk.quotaUse(made.key));
    },
    async revoke(id) {
      refuseFixed(id);
      there(await keys.revoke(id), id);
      await desk.refresh();
      return { status: "ok" };
    },
  };
}

/** @throws {SpeechError} key_not_found */
function there<Found>(found: Found | undefined, id: string): Found {
  if (found !== undefined) return found;
  throw new SpeechError("key_not_found", { id: shorten(id) });
}
