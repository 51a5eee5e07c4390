import type { Account } from "../../protocol/accounts.ts";
import { causeIds } from "../../protocol/causes.ts";
import type { ConnectionQuery, ConnectionRecord } from "../../protocol/connections.ts";
import type { FileAnswer, HttpRequest, JsonAnswer, Query } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Catalogue } from "../../protocol/voice.ts";
import { choiceParameter, countParameter, momentParameter, textParameter } from "../query.ts";
import { shorten } from "../short-text.ts";
import {
  formatEvents,
  formatOpenConnection,
  formatStory,
  formatSummary,
} from "./connection-json.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { jsonRoute } from "./voice-routes.ts";

const root = "/v1/connections";

/** Connections, open ones and those that have ended, and why; the vendor has nothing of the kind. */
export function connectionRoutes({ connections, catalogue }: ElevenLabsParts): ScopelessRoute[] {
  /** One that the account may see: others are not there for it. */
  const find = async ({ params, account }: HttpRequest): Promise<ConnectionRecord> => {
    // Waves names a session by it, with a prefix.
    const id = (params["connection_id"] ?? "").replace(/^ws_/, "");
    const record = await connections.find(id);
    if (record && sees(account, record)) return record;
    throw new SpeechError("connection_not_found", { id: shorten(id) });
  };
  return [
    jsonRoute("GET", root, async ({ query, account }) => {
      const wanted = readConnectionQuery(query, account, catalogue);
      const { connections: found, next } = await connections.list(wanted);
      return {
        connections: found.map(formatSummary),
        has_more: next !== undefined,
        next_page_token: next ? `${next.openedAtMs}-${next.id}` : null,
      };
    }),
    jsonRoute("GET", `${root}/live`, async ({ account }) => {
      const open = (await connections.live()).filter((each) => sees(account, each));
      return { connections: open.map(formatOpenConnection) };
    }),
    jsonRoute("GET", `${root}/:connection_id`, async (request) => {
      const record = await find(request);
      return formatStory(record, connections.explain(record));
    }),
    {
      method: "GET",
      path: `${root}/:connection_id/timeline`,
      answer: async (request): Promise<JsonAnswer | FileAnswer> => {
        const record = await find(request);
        const format = choiceParameter(request.query, "format", ["json", "html"]) ?? "json";
        if (format === "json") return { type: "json", body: formatEvents(record) };
        return {
          type: "file",
          contentType: "text/html; charset=utf-8",
          bytes: connections.draw(record),
          headers: {},
        };
      },
    },
  ];
}

const sees = ({ sees: keyId }: Account, record: { readonly keyId: string | undefined }): boolean =>
  keyId === undefined || record.keyId === keyId;

/** @throws {SpeechError} invalid_parameter */
function readConnectionQuery(
  query: Query,
  account: Account,
  catalogue: Catalogue,
): ConnectionQuery {
  const voiceId = textParameter(query, "voice_id");
  const keyId = textParameter(query, "key_id");
  const isOthers = account.sees !== undefined && keyId !== undefined && keyId !== account.sees;
  if (isOthers) throw new SpeechError("missing_permission", { scope: "admin" });
  const toMs = (seconds: number | undefined): number | undefined =>
    seconds === undefined ? undefined : Math.round(seconds * 1000);
  return {
    keyId: keyId ?? account.sees,
    voiceId: voiceId === undefined ? undefined : (catalogue.findVoice(voiceId)?.id ?? voiceId),
    causeId: choiceParameter(query, "cause", causeIds),
    fromMs: toMs(momentParameter(query, "date_after_unix", "seconds")),
    untilMs: toMs(momentParameter(query, "date_before_unix", "seconds")),
    pageSize: countParameter(query, "page_size", { max: 1000, fallback: 100 }),
    after: readPageToken(textParameter(query, "next_page_token")),
  };
}

function readPageToken(token: string | undefined): ConnectionQuery["after"] {
  if (token === undefined) return undefined;
  const [, openedAtMs, id] = /^(\d{1,15})-([0-9a-f]{32})$/.exec(token) ?? [];
  if (openedAtMs !== undefined && id !== undefined) return { openedAtMs: Number(openedAtMs), id };
  const expected = "the next_page_token of the page before";
  throw new SpeechError("invalid_parameter", { parameter: "next_page_token", expected });
}
