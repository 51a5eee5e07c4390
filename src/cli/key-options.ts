import { quotaPeriods } from "../protocol/accounts.ts";
import { UsageError } from "./errors.ts";

/** What a key is to be good for, as it is typed. */
export interface KeyOptions {
  readonly name?: string | undefined;
  readonly scopes?: string | undefined;
  readonly voices?: string | undefined;
  readonly models?: string | undefined;
  readonly quota?: string | undefined;
  readonly maxConcurrency?: string | undefined;
  readonly requestsPerSecond?: string | undefined;
  readonly addresses?: string | undefined;
  readonly expires?: string | undefined;
}

/** In the place of a limit: there is to be none. */
const noLimit = "unlimited";

const secondsOf: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
};

/** What is asked for, as a body of the wire. @throws {UsageError} */
export function readKeyOptions(
  options: KeyOptions,
  nowUnixMs: number,
): Readonly<Record<string, unknown>> {
  const { name, scopes, voices, models, quota, addresses, expires } = options;
  const { maxConcurrency, requestsPerSecond } = options;
  const wire: Readonly<Record<string, unknown>> = {
    name,
    scopes: scopes === undefined ? undefined : readList(scopes),
    voices: limited(voices, readList),
    models: limited(models, readList),
    character_quota: limited(quota, readQuota),
    max_concurrency: limited(maxConcurrency, (text) => readCount("--max-concurrency", text)),
    requests_per_second: limited(requestsPerSecond, (text) =>
      readCount("--requests-per-second", text),
    ),
    addresses: limited(addresses, readList),
    expires_at_unix: limited(expires, (text) => readExpiry(text, nowUnixMs)),
  };
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined));
}

/** Such as `30d` or `12h`; seconds. @throws {UsageError} */
export function readDuration(option: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new UsageError(`${option} must be a time such as 24h: s, m, h, d and w are known.`);
}

/** Null for no limit, undefined for nothing said. */
function limited<Value>(
  text: string | undefined,
  read: (text: string) => Value,
): Value | null | undefined {
  if (text === undefined) return undefined;
  return text === noLimit ? null : read(text);
}

const readList = (text: string): readonly string[] => text.split(",").map((each) => each.trim());

function readCount(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`${option} must be a whole number, or ${noLimit}.`);
}

function readQuota(text: string): object {
  const [, characters, period] = /^(\d+)\/([a-z]+)$/.exec(text) ?? [];
  if (characters !== undefined && quotaPeriods.some((each) => each === period)) {
    return { characters: Number(characters), period };
  }
  const periods = quotaPeriods.join(", ");
  throw new UsageError(
    `--quota must be such as 100000/month, or ${noLimit}; the periods are ${periods}.`,
  );
}

/** A day begins in UTC. */
function readExpiry(text: string, nowUnixMs: number): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return Math.floor(nowUnixMs / 1000) + seconds;
  const moment = parseMoment(text);
  if (moment !== undefined) return Math.floor(moment / 1000);
  throw new UsageError(
    `--expires must be such as 30d, 2027-01-01 or 2027-01-01T12:00Z, or ${noLimit}.`,
  );
}

function parseDuration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (secondsOf[unit] ?? 0);
}

/** A date, or a time with its zone, in Unix ms. */
function parseMoment(text: string): number | undefined {
  const [, day = ""] =
    /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const [dayMs, moment] = [Date.parse(day), Date.parse(text)];
  if (Number.isNaN(dayMs) || Number.isNaN(moment)) return undefined;
  // The 31st of February would be the 3rd of March.
  return new Date(dayMs).toISOString().startsWith(day) ? moment : undefined;
}
