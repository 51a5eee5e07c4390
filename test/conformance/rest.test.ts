import { describe, expect, it } from "vitest";
import { models } from "../../src/catalogue.ts";
import { createToneEngine } from "../../src/engine/tone.ts";
import { useServer } from "./bench.ts";

/** Nine voices, so that there are pages of them. */
const engine = createToneEngine();
const voiceCount = 9;
const voices = Array.from({ length: voiceCount }, (_, index) => ({
  ...engine.voices[0]!,
  id: `toneVoice${String(index).padStart(11, "0")}`,
  slug: `tone-${index}`,
  name: `Tone ${index}`,
}));
const bench = useServer(() => ({ engines: [{ ...engine, voices }], flags: { workers: "1" } }));

type Json = Record<string, unknown>;

async function get(path: string): Promise<Response> {
  const response = await fetch(`${bench.server.url}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json\b/);
  expect(response.headers.get("request-id")).toMatch(/^[A-Za-z0-9]{20}$/);
  return response;
}
const getJson = async (path: string): Promise<Json> => (await get(path)).json() as Promise<Json>;

interface VoicePage {
  readonly voices: readonly Json[];
  readonly has_more: boolean;
  readonly total_count: number;
  readonly next_page_token: string | null;
}

const getPage = async (query: string): Promise<VoicePage> =>
  (await get(`/v2/voices?${query}`)).json() as Promise<VoicePage>;

const isText: unknown = expect.any(String);
const isNumber: unknown = expect.any(Number);
const isBoolean: unknown = expect.any(Boolean);

function expectVoice(voice: Json | undefined): void {
  expect(voice).toMatchObject({
    voice_id: expect.stringMatching(/^[A-Za-z0-9]{20}$/),
    name: isText,
    category: "premade",
    labels: expect.objectContaining({ timings: "exact", settings: "speed" }),
    available_for_tiers: expect.any(Array),
    high_quality_base_model_ids: expect.any(Array),
  });
  for (const label of Object.values(voice?.["labels"] ?? {})) expect(label).toEqual(isText);
}

describe("voices and models", () => {
  it.for(["/v1/voices", "/v2/voices?page_size=100"])(
    "[145] must tell every mandatory member of each voice of %s",
    async (path) => {
      const { voices: listed } = (await getJson(path)) as { voices: Json[] };
      expect(listed).toHaveLength(voiceCount);
      for (const voice of listed) expectVoice(voice);
    },
  );

  it("[145] must tell them of a single voice", async () => {
    expectVoice(await getJson("/v1/voices/tone-3"));
  });

  it("[146] must list every accepted model in a bare array", async () => {
    const listed = (await (await get("/v1/models")).json()) as Json[];
    expect(Array.isArray(listed)).toBe(true);
    expect(listed.map(({ model_id: id }) => id)).toEqual(models.map(({ id }) => id));
  });

  it("[146] must speak with every model it lists", async () => {
    for (const { id } of models) {
      const response = await fetch(
        `${bench.server.url}/v1/text-to-speech/tone-0?output_format=pcm_8000`,
        {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: "Hi.", model_id: id }),
        },
      );
      expect(response.status).toBe(200);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });

  it.for([1, 2, 4, 9, 10, 100])("[147] must honour a page_size of %s", async (pageSize) => {
    const ids: unknown[] = [];
    let token: string | null = "";
    for (let rest = voiceCount; token !== null; rest -= pageSize) {
      const query = `page_size=${pageSize}&next_page_token=${token}`;
      const page: VoicePage = await getPage(query);
      expect(page.voices).toHaveLength(Math.min(pageSize, rest));
      expect(page.total_count).toBe(voiceCount);
      expect(page.has_more).toBe(rest > pageSize);
      expect(page.next_page_token === null).toBe(!page.has_more);
      ids.push(...page.voices.map(({ voice_id: id }) => id));
      token = page.next_page_token;
    }
    expect(ids).toEqual(voices.map(({ id }) => id));
  });

  it("[147] must return ten voices at most when no page_size is given", async () => {
    expect(await getPage("search=tone")).toMatchObject({ has_more: false, total_count: 9 });
  });
});

const subscription = {
  tier: isText,
  character_count: isNumber,
  character_limit: isNumber,
  max_character_limit_extension: null,
  max_credit_limit_extension: "unlimited",
  can_extend_character_limit: isBoolean,
  allowed_to_extend_character_limit: isBoolean,
  next_character_count_reset_unix: null,
  voice_slots_used: isNumber,
  professional_voice_slots_used: isNumber,
  professional_voice_slots_used_in_workspace: isNumber,
  voice_limit: isNumber,
  max_voice_add_edits: isNumber,
  voice_add_edit_counter: isNumber,
  professional_voice_limit: isNumber,
  can_extend_voice_limit: isBoolean,
  can_use_instant_voice_cloning: false,
  can_use_professional_voice_cloning: false,
  currency: null,
  current_overage: { amount: "0", currency: "usd" },
  status: "active",
  billing_period: null,
  character_refresh_period: null,
};

describe("the account", () => {
  it("[148] must return every member of the user", async () => {
    expect(await getJson("/v1/user")).toMatchObject({
      user_id: isText,
      workspace_id: isText,
      subscription,
      is_new_user: isBoolean,
      can_use_delayed_payment_methods: isBoolean,
      is_onboarding_completed: isBoolean,
      is_onboarding_checklist_completed: isBoolean,
      created_at: isNumber,
      seat_type: "workspace_admin",
    });
  });

  it("[148] must return every member of the subscription", async () => {
    const invoices = {
      next_invoice: null,
      open_invoices: [],
      has_open_invoices: false,
      pending_change: null,
    };
    expect(await getJson("/v1/user/subscription")).toEqual({ ...subscription, ...invoices });
  });

  it("[149] must return a new token each time", async () => {
    const mint = async (): Promise<Json> => {
      const path = "/v1/single-use-token/tts_websocket";
      const response = await fetch(`${bench.server.url}${path}`, { method: "POST" });
      expect(response.status).toBe(200);
      return response.json() as Promise<Json>;
    };
    const [first, second] = [await mint(), await mint()];
    expect(Object.keys(first)).toEqual(["token"]);
    expect(first["token"]).toMatch(/^\S{20,}$/);
    expect(second["token"]).not.toBe(first["token"]);
  });

  it("[150] should return an empty history before anything was spoken for it", async () => {
    const path = "/v1/history?voice_id=toneVoice00000000008";
    const empty = { history: [], last_history_item_id: null, has_more: false };
    expect(await getJson(path)).toEqual(empty);
    expect(await getJson("/v1/history?date_before_unix=1")).toEqual(empty);
  });
});
