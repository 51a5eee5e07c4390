import type { SharedLimits } from "./accounts/account-parts.ts";
import { Accounts } from "./accounts/accounts.ts";
import { type Admit, GuessGuard, slowGuesses } from "./accounts/guess-guard.ts";
import { KeyRing } from "./accounts/key-ring.ts";
import { LeaseTable } from "./accounts/leases.ts";
import { readQuotaUse } from "./accounts/quota-use.ts";
import { RequestRates } from "./accounts/request-rates.ts";
import { parseRanges } from "./addresses.ts";
import type { Clock } from "./clock.ts";
import type { KeyDesk } from "./protocol/accounts.ts";
import type { Stores } from "./protocol/stores.ts";
import { configuredKey, openKey, type ServerKey } from "./server-key.ts";
import type { Settings } from "./settings.ts";
import type { Logger } from "./transport/log.ts";

export interface AccountsParts {
  readonly clock: Clock;
  /** Unix time in ms. */
  readonly wallClock: () => number;
  readonly logger: Logger;
  readonly stores: Stores;
  /** What all processes of a server share; its own when absent. */
  readonly limits: SharedLimits | undefined;
  /** Known already, so that it is neither looked for nor made. */
  readonly key: ServerKey | undefined;
  /** Told of every key that is not good any more. */
  readonly onKeyEnded: (keyId: string) => void;
}

/** The accounts of a server, with its first key. */
export interface OpenAccounts {
  readonly admit: Admit;
  readonly desk: KeyDesk;
  /** Only right after it was made: nobody can show it again. */
  readonly newKey: string | undefined;
  close(): void;
}

/** Whom the settings and the kept keys let in. @throws {SettingError} */
export async function openAccounts(
  settings: Settings,
  { clock, wallClock, logger, stores, limits, key, onKeyEnded }: AccountsParts,
): Promise<OpenAccounts> {
  const onFault = (err: unknown): void => logger.error({ err }, "the records could not be used");
  const serverKey =
    settings.auth === "on" ? (key ?? (await openKey(settings, stores.keys))) : undefined;
  const { configuredHash } = serverKey ?? {};
  const fixed = configuredHash === undefined ? [] : [configuredKey(configuredHash)];
  const keys =
    serverKey &&
    new KeyRing({
      store: stores.keys,
      clock,
      wallClock,
      fixed,
      onEnded: onKeyEnded,
      onFault,
    });
  await keys?.start();
  const accounts = new Accounts({
    clock,
    wallClock,
    keys,
    tokens: stores.tokens,
    quotas: stores.quotas,
    usage: stores.usage,
    limits: limits ?? createLimits(settings, clock),
    maxConcurrency: settings.maxConcurrency,
    onRefused: (reason, keyId) => logger.debug({ reason, keyId }, "credential refused"),
    onFault,
  });
  const desk: KeyDesk = {
    fixed,
    find: (id) => keys?.get(id),
    refresh: async () => keys?.refresh(),
    quotaUse: (key) => readQuotaUse(key, stores.quotas, wallClock()),
    isAddressRange: (text) => parseRanges([text]) !== undefined,
  };
  const admit: Admit = (credential, address) => accounts.admit(credential, address);
  return {
    admit: slowGuesses(admit, new GuessGuard(clock), clock),
    desk,
    newKey: serverKey?.newKey,
    close: () => keys?.close(),
  };
}

/** The limits of a server of one process. */
function createLimits(
  { maxConcurrency, concurrencyQueueMs }: Settings,
  clock: Clock,
): SharedLimits {
  const table = new LeaseTable({ limit: maxConcurrency, patienceMs: concurrencyQueueMs, clock });
  const rates = new RequestRates(clock);
  const leases = table.open();
  return {
    acquire: (wish) => leases.acquire(wish),
    release: (keyId) => leases.release(keyId),
    takeRequest: (keyId, perSecond) => Promise.resolve(rates.take(keyId, perSecond)),
  };
}
