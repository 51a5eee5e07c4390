import type { Query } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Voice } from "../../protocol/voice.ts";
import { labelsOf, voiceCategory } from "./catalogue-json.ts";
import { booleanParameter, choiceParameter, countParameter, textParameter } from "../query.ts";

/** The voices of one page, and what is to be said about the others. */
export interface VoicePage {
  readonly voices: readonly Voice[];
  readonly hasMore: boolean;
  readonly totalCount: number;
  /** The id of the page's last voice. */
  readonly nextPageToken: string | undefined;
}

const voiceTypes = [
  "personal",
  "community",
  "default",
  "workspace",
  "non-default",
  "non-community",
  "saved",
] as const;

const categories = [
  "premade",
  "cloned",
  "generated",
  "professional",
  "famous",
  "high_quality",
] as const;

const fineTuningStates = [
  "draft",
  "not_verified",
  "not_started",
  "queued",
  "fine_tuning",
  "fine_tuned",
  "failed",
  "delayed",
] as const;

/** Parameters that name a label, with the label. */
const labelParameters: Readonly<Record<string, string>> = {
  gender: "gender",
  age: "age",
  accent: "accent",
  language: "language",
  use_cases: "use_case",
};

/** One page of what `GET /v2/voices` asks for. @throws {SpeechError} invalid_parameter */
export function searchVoices(voices: readonly Voice[], query: Query): VoicePage {
  const found = voices.filter(createFilter(query));
  const sort = choiceParameter(query, "sort", ["created_at_unix", "name"]);
  const direction = choiceParameter(query, "sort_direction", ["asc", "desc"]);
  const pageSize = countParameter(query, "page_size", { max: 100, fallback: 10 });
  const pageToken = textParameter(query, "next_page_token");
  const withTotalCount = booleanParameter(query, "include_total_count", true);
  // The catalogue's order is that of creation.
  if (sort === "name") found.sort((a, b) => a.name.localeCompare(b.name, "en"));
  if (direction === "desc") found.reverse();
  const from = found.findIndex(({ id }) => id === pageToken) + 1;
  if (pageToken !== undefined && from === 0) {
    const expected = "the next_page_token of an earlier answer to the same search";
    throw new SpeechError("invalid_parameter", { parameter: "next_page_token", expected });
  }
  const shown = found.slice(from, from + pageSize);
  const hasMore = from + shown.length < found.length;
  return {
    voices: shown,
    hasMore,
    totalCount: withTotalCount ? found.length : 0,
    nextPageToken: hasMore ? shown.at(-1)?.id : undefined,
  };
}

/** @throws {SpeechError} invalid_parameter */
function createFilter(query: Query): (voice: Voice) => boolean {
  const type = choiceParameter(query, "voice_type", voiceTypes);
  const category = choiceParameter(query, "category", categories);
  const fineTuning = choiceParameter(query, "fine_tuning_state", fineTuningStates);
  const collection = textParameter(query, "collection_id");
  const isStudioOnly = booleanParameter(query, "high_quality", false);
  const ids = query.getAll("voice_ids").filter((id) => id !== "");
  const words = textParameter(query, "search")?.toLowerCase();
  const labels = Object.entries(labelParameters).flatMap(([parameter, label]) => {
    const wanted = query.getAll(parameter).map((value) => value.toLowerCase());
    return wanted.length > 0 ? [{ label, wanted }] : [];
  });
  // All voices are premade and nobody's own: in no collection, not tuned, not of a studio.
  const isNoneMeant =
    (type !== undefined && type !== "default") ||
    (category !== undefined && category !== voiceCategory) ||
    fineTuning !== undefined ||
    collection !== undefined ||
    isStudioOnly;
  return (voice) => {
    const labelled = labelsOf(voice);
    const text = [voice.name, voice.description, voiceCategory, ...Object.values(labelled)];
    return (
      !isNoneMeant &&
      (ids.length === 0 || ids.includes(voice.id)) &&
      (words === undefined || text.join(" ").toLowerCase().includes(words)) &&
      labels.every(({ label, wanted }) => wanted.includes(labelled[label]?.toLowerCase() ?? ""))
    );
  };
}
