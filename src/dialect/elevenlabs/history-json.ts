import type { TurnRecord } from "../../protocol/records.ts";
import type { HistoryPage } from "../../protocol/stores.ts";
import { formatVoiceSettings, voiceCategory } from "./catalogue-json.ts";
import { contentTypeOf } from "./history-audio.ts";

/** A turn as `/v1/history` shows it. */
export function formatHistoryItem(turn: TurnRecord): unknown {
  return {
    history_item_id: turn.id,
    request_id: turn.requestId,
    voice_id: turn.voiceId,
    model_id: turn.modelId,
    voice_name: turn.voiceName,
    voice_category: voiceCategory,
    text: turn.text,
    date_unix: turn.startedAtUnix,
    // Only the difference means something: what the item cost.
    character_count_change_from: 0,
    character_count_change_to: turn.cost,
    content_type: contentTypeOf(turn),
    state: "created",
    settings: formatVoiceSettings(turn.settings),
    feedback: null,
    share_link_id: null,
    source: turn.source,
    alignments: null,
    dialogue: null,
  };
}

export function formatHistoryPage({ turns, hasMore }: HistoryPage): unknown {
  return {
    history: turns.map(formatHistoryItem),
    last_history_item_id: turns.at(-1)?.id ?? null,
    has_more: hasMore,
  };
}
