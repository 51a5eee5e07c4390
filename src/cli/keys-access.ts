import { readQuotaUse } from "../accounts/quota-use.ts";
import { parseRanges } from "../addresses.ts";
import { createCatalogue } from "../catalogue.ts";
import { createKeyActions, type KeyActions } from "../dialect/elevenlabs/key-actions.ts";
import { wavesModelIds } from "../dialect/waves/waves.ts";
import type { Records } from "../open-records.ts";
import { describe, problemRow, SpeechError } from "../protocol/problems.ts";
import type { Voice } from "../protocol/voice.ts";
import type { Settings } from "../settings.ts";
import { CommandError, UsageError } from "./errors.ts";
import { withEngines } from "./known-voices.ts";
import { type DatabaseOptions, readDatabaseSettings, withRecords } from "./records.ts";
import { type BodyFault, openServer, ServerRefusal } from "./server-api.ts";

/** Where keys are looked after: at a running server, or in the database. */
export interface KeysPlace extends DatabaseOptions {
  readonly server?: string | undefined;
}

/** What of the place the work needs. */
export interface KeysNeeds {
  /** Whether a database may be made that is not there. */
  readonly mayCreate: boolean;
  /** Whether voices will be named. */
  readonly namesVoices: boolean;
}

/**
 * Lets `work` look after keys.
 * @throws {UsageError} for what an option may not be; {CommandError} for everything else
 */
export async function withKeys<Result>(
  place: KeysPlace,
  needs: KeysNeeds,
  work: (actions: KeyActions) => Promise<Result>,
): Promise<Result> {
  try {
    if (place.server !== undefined) return await work(remoteActions(place.server));
    const settings = await readDatabaseSettings(place);
    const voices = needs.namesVoices ? await readVoices(settings) : [];
    return await withRecords(settings, needs, (records) => work(localActions(records, voices)));
  } catch (error) {
    throw explain(error);
  }
}

const readVoices = (settings: Settings): Promise<readonly Voice[]> =>
  withEngines(settings, (_engines, { voices }) => Promise.resolve(voices));

function localActions({ stores }: Records, voices: readonly Voice[]): KeyActions {
  const catalogue = createCatalogue(voices);
  return createKeyActions({
    catalogue,
    keyModelIds: [...catalogue.models.map(({ id }) => id), ...wavesModelIds],
    keys: {
      fixed: [],
      find: () => undefined,
      // Servers that use the database look for themselves.
      refresh: () => Promise.resolve(),
      quotaUse: (key) => readQuotaUse(key, stores.quotas, Date.now()),
      isAddressRange: (text) => parseRanges([text]) !== undefined,
    },
    wallClock: Date.now,
    stores,
  });
}

function remoteActions(server: string): KeyActions {
  const api = openServer(server);
  const root = "/v1/admin/keys";
  const ask = async (...request: Parameters<typeof api.request>): Promise<unknown> => {
    const response = await api.request(...request);
    return response.json().catch(() => undefined);
  };
  const pathOf = (id: string): string => `${root}/${encodeURIComponent(id)}`;
  return {
    list: () => ask("GET", root),
    create: (body) => ask("POST", root, body as object),
    show: (id) => ask("GET", pathOf(id)),
    update: (id, body) => ask("PATCH", pathOf(id), body as object),
    rotate: (id, body) => ask("POST", `${pathOf(id)}/rotate`, body as object),
    revoke: (id) => ask("DELETE", pathOf(id)),
  };
}

/** In the words of the command line. */
function explain(error: unknown): unknown {
  if (error instanceof ServerRefusal && error.fault) return explainBody(error.fault);
  if (!(error instanceof SpeechError)) return error;
  const { problem } = error;
  const { member, reason } = problem.details;
  if (problem.code === "invalid_body") {
    return explainBody({ path: String(member).split("."), reason: String(reason) });
  }
  return new CommandError(`${describe(problem)} ${problemRow(problem.code).advice}`);
}

/** Such as `--voices, number 2: There is no voice of this name.` */
function explainBody({ path: [member = "", ...inner], reason }: BodyFault): UsageError {
  const option = optionOf[member] ?? `--${member.replaceAll("_", "-")}`;
  const index = Number(inner[0] ?? Number.NaN);
  const which = Number.isInteger(index) ? `, number ${index + 1}` : "";
  return new UsageError(`${option}${which}: ${reason}.`);
}

/** Where an option is not called as the member. */
const optionOf: Readonly<Record<string, string>> = {
  character_quota: "--quota",
  expires_at_unix: "--expires",
  grace_seconds: "--grace",
};
