import type { Scene } from "../scene.ts";

/** What a key may do that says nothing else. */
const usual = { name: "agent", scopes: ["tts", "voices:read"] };

/** The secret of a new key. */
export const newKey =
  (rules: object = {}) =>
  async (scene: Scene): Promise<string> => {
    const made = await scene.ask("POST", "/v1/admin/keys", { ...usual, ...rules });
    return made["xi_api_key"] ?? "";
  };

/** The vendor's header with a new key. */
export const newKeyHeader =
  (rules: object = {}) =>
  async (scene: Scene): Promise<Record<string, string>> => ({
    "xi-api-key": await newKey(rules)(scene),
  });

/** The same as Waves has it. */
export const newBearer =
  (rules: object = {}) =>
  async (scene: Scene): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await newKey(rules)(scene)}`,
  });

/** Part of a query with a new single-use token. */
export const tokenQuery =
  (limits: object = {}) =>
  async (scene: Scene): Promise<string> => {
    const { token } = await scene.ask("POST", "/v1/single-use-token/tts_websocket", limits);
    return `&single_use_token=${token}`;
  };

/** A key that nobody has made. */
export const wrongKey = "sk_test_not_a_real_key_of_anybody";
export const wrongKeyHeader = (): Record<string, string> => ({ "xi-api-key": wrongKey });
