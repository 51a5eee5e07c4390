import { z } from "zod";
import type {
  ArchiveAnswer,
  HttpRequest,
  Query,
  SoundAnswer,
  SpeechAnswer,
} from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Account } from "../../protocol/accounts.ts";
import type { TurnRecord } from "../../protocol/records.ts";
import type { HistoryQuery } from "../../protocol/stores.ts";
import type { Catalogue } from "../../protocol/voice.ts";
import { readBody } from "./body.ts";
import { answerTurn, fileNameOf, readDownloadFormat } from "./history-audio.ts";
import { formatHistoryItem, formatHistoryPage } from "./history-json.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { choiceParameter, countParameter, momentParameter, textParameter } from "../query.ts";
import { shorten } from "../short-text.ts";
import { jsonRoute } from "./voice-routes.ts";

const maxDownloads = 100;

/** Where a history item can come from; here all come from speech. */
const sources = [
  "TTS",
  "STS",
  "Projects",
  "PD",
  "AN",
  "Dubbing",
  "PlayAPI",
  "ConvAI",
  "VoiceGeneration",
  "InVPC",
  "Flows",
  "VoicePreview",
] as const;

const downloadSchema = z.looseObject({
  history_item_ids: z.array(z.string()).min(1).max(maxDownloads),
  output_format: z.string().nullish(),
});

/** What was spoken: to be listed, heard again and deleted. */
export function historyRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  const { history } = parts.stores;

  /** One that the account may see: others are not there for it. */
  const find = async (id: string, { sees }: Account): Promise<TurnRecord> => {
    const turn = await history.find(id);
    if (turn && (sees === undefined || turn.keyId === sees)) return turn;
    throw new SpeechError("history_item_not_found", { id: shorten(id) });
  };
  const idOf = ({ params }: HttpRequest): string => params["history_item_id"] ?? "";

  return [
    jsonRoute("GET", "/v1/history", async ({ query, account }) => {
      const source = choiceParameter(query, "source", sources) ?? "TTS";
      const wanted = { ...readHistoryQuery(query, parts.catalogue), keyId: account.sees };
      const nothing = { turns: [], hasMore: false };
      return formatHistoryPage(source === "TTS" ? await history.list(wanted) : nothing);
    }),
    jsonRoute("GET", "/v1/history/:history_item_id", async (request) =>
      formatHistoryItem(await find(idOf(request), request.account)),
    ),
    jsonRoute("DELETE", "/v1/history/:history_item_id", async (request) => {
      const { id } = await find(idOf(request), request.account);
      if (await history.delete(id)) return { status: "ok" };
      throw new SpeechError("history_item_not_found", { id: shorten(id) });
    }),
    {
      method: "GET",
      path: "/v1/history/:history_item_id/audio",
      answer: async (request) =>
        answerTurn(await find(idOf(request), request.account), undefined, parts),
    },
    {
      method: "POST",
      path: "/v1/history/download",
      async answer(request): Promise<SpeechAnswer | SoundAnswer | ArchiveAnswer> {
        const body = readBody(downloadSchema, request.body);
        const asked = readDownloadFormat(body.output_format || undefined);
        const turns = await Promise.all(
          Array.from(new Set(body.history_item_ids), (id) => find(id, request.account)),
        );
        const entries = turns.map((turn) => ({
          name: fileNameOf(turn, asked),
          modifiedAtUnix: turn.startedAtUnix,
          content: answerTurn(turn, asked, parts),
        }));
        const [first] = entries;
        if (first && entries.length === 1) {
          return { ...first.content, headers: asAttachment(first.name) };
        }
        return { type: "archive", entries, headers: asAttachment("history.zip") };
      },
    },
  ];
}

/** @throws {SpeechError} invalid_parameter */
function readHistoryQuery(query: Query, catalogue: Catalogue): Omit<HistoryQuery, "keyId"> {
  const afterId = textParameter(query, "start_after_history_item_id");
  if (afterId !== undefined && !/^[A-Za-z0-9]{20}$/.test(afterId)) {
    const parameter = "start_after_history_item_id";
    const expected = "the id of a history item";
    throw new SpeechError("invalid_parameter", { parameter, expected });
  }
  const voiceId = textParameter(query, "voice_id");
  const direction = choiceParameter(query, "sort_direction", ["asc", "desc"]);
  return {
    pageSize: countParameter(query, "page_size", { max: 1000, fallback: 100 }),
    order: direction === "asc" ? "oldest-first" : "newest-first",
    afterId,
    voiceId: voiceId === undefined ? undefined : (catalogue.findVoice(voiceId)?.id ?? voiceId),
    modelId: textParameter(query, "model_id"),
    fromUnix: momentParameter(query, "date_after_unix", "seconds"),
    untilUnix: momentParameter(query, "date_before_unix", "seconds"),
    search: textParameter(query, "search"),
  };
}

const asAttachment = (name: string): Readonly<Record<string, string>> => ({
  "content-disposition": `attachment; filename="${name}"`,
});
