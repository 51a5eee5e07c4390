import type { KeyRules } from "../../src/protocol/accounts.ts";

/** What a key may do that is limited in nothing but what is said. */
export const rulesWith = (rules: Partial<KeyRules>): KeyRules => ({
  name: "test",
  scopes: ["tts"],
  voices: undefined,
  models: undefined,
  quota: undefined,
  maxConcurrency: undefined,
  requestsPerSecond: undefined,
  addresses: undefined,
  expiresAtUnix: undefined,
  ...rules,
});
