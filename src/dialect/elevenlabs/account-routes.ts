import type { Account } from "../../protocol/accounts.ts";
import type { Query } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { noUsage, type Usage, type UsageSeries } from "../../protocol/stores.ts";
import { formatSubscriptionWithInvoices, formatUser } from "./account-json.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { readTokenLimits } from "./token-limits.ts";
import { choiceParameter, clampedParameter, momentParameter, textParameter } from "../query.ts";
import { bucketEdges, maxBuckets, usageIntervals } from "./usage-buckets.ts";
import { jsonRoute } from "./voice-routes.ts";

const tokenType = "tts_websocket";
/** Kinds of tokens for what only the hosted service does. */
const otherTokenTypes: ReadonlySet<string> = new Set(["realtime_scribe", "batch_scribe"]);

const metrics = ["credits", "tts_characters", "minutes_used", "request_count"] as const;

const measures: Readonly<Record<(typeof metrics)[number], (usage: Usage) => number>> = {
  credits: ({ cost }) => cost,
  tts_characters: ({ characters }) => characters,
  minutes_used: ({ audioMs }) => audioMs / 60_000,
  request_count: ({ requests }) => requests,
};

const breakdowns = ["none", "voice", "model"] as const;

/** The account behind the key, and what it has used. */
export function accountRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  return [
    jsonRoute("GET", "/v1/user", async ({ account }) =>
      formatUser(
        await account.allowance(),
        account,
        parts.keys.find(account.keyId),
        parts.startedAtUnix,
      ),
    ),
    jsonRoute("GET", "/v1/user/subscription", async ({ account }) =>
      formatSubscriptionWithInvoices(await account.allowance()),
    ),
    jsonRoute("GET", "/v1/usage/character-stats", ({ query, account }) =>
      formatUsage(query, account, parts),
    ),
  ];
}

/** Tokens for those who must not see the key. */
export function tokenRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  const { tokens } = parts.stores;
  return [
    jsonRoute("POST", "/v1/single-use-token/:token_type", async ({ params, body, account }) => {
      const type = params["token_type"] ?? "";
      if (type === tokenType) {
        const { limits, lifetimeSeconds } = readTokenLimits(body, parts);
        return { token: await tokens.mint(account.keyId, limits, lifetimeSeconds) };
      }
      if (otherTokenTypes.has(type)) {
        const action = `make a token of type ${type}`;
        throw new SpeechError("not_supported", { action, reason: "it does not transcribe speech" });
      }
      throw new SpeechError("invalid_parameter", { parameter: "token_type", expected: tokenType });
    }),
  ];
}

/** What was used in each bucket of time. @throws {SpeechError} invalid_parameter */
async function formatUsage(
  query: Query,
  account: Account,
  { stores, catalogue }: ElevenLabsParts,
): Promise<unknown> {
  const edgesMs = readEdges(query);
  const breakdown = choiceParameter(query, "breakdown_type", breakdowns) ?? "none";
  const measure = measures[choiceParameter(query, "metric", metrics) ?? "credits"];
  const series = await stores.usage.series({
    edgesUnix: edgesMs.map((edge) => edge / 1000),
    by: breakdown === "none" ? "all" : breakdown,
    keyId: account.sees,
  });
  const count = edgesMs.length - 1;
  const silence: UsageSeries = { key: "", buckets: Array.from({ length: count }, () => noUsage) };
  const shown = breakdown === "none" && series.length === 0 ? [silence] : series;
  const nameOf = (key: string): string =>
    ({ none: "All", voice: catalogue.findVoice(key)?.name ?? key, model: key })[breakdown];
  return {
    time: edgesMs.slice(0, -1),
    usage: Object.fromEntries(shown.map(({ key, buckets }) => [nameOf(key), buckets.map(measure)])),
  };
}

/** @throws {SpeechError} invalid_parameter */
function readEdges(query: Query): readonly number[] {
  const fromMs = requiredMoment(query, "start_unix");
  const untilMs = requiredMoment(query, "end_unix");
  if (untilMs <= fromMs) {
    const expected = "a moment after start_unix";
    throw new SpeechError("invalid_parameter", { parameter: "end_unix", expected });
  }
  const interval = choiceParameter(query, "aggregation_interval", usageIntervals) ?? "day";
  const edges = bucketEdges(fromMs, untilMs, readBucketHours(query) ?? interval);
  if (edges) return edges;
  const expected = `so late that there are at most ${maxBuckets} buckets of time`;
  throw new SpeechError("invalid_parameter", { parameter: "start_unix", expected });
}

/** @throws {SpeechError} invalid_parameter */
function requiredMoment(query: Query, name: string): number {
  const unit = "milliseconds";
  const moment = momentParameter(query, name, unit);
  if (moment !== undefined) return moment;
  const expected = `given, as a Unix time in ${unit}`;
  throw new SpeechError("invalid_parameter", { parameter: name, expected });
}

/** The length of a bucket; usage is counted by the hour. @throws {SpeechError} invalid_parameter */
function readBucketHours(query: Query): number | undefined {
  const parameter = "aggregation_bucket_size";
  if (textParameter(query, parameter) === undefined) return undefined;
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 };
  const hours = clampedParameter(query, parameter, range) / 3600;
  if (hours >= 1 && Number.isInteger(hours)) return hours;
  const expected = "a whole number of hours, in seconds";
  throw new SpeechError("invalid_parameter", { parameter, expected });
}
