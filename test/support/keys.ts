import { type KeyRules, unlimited } from "../../src/protocol/accounts.ts";

/** What a key may do that is limited in nothing but what is said. */
export const rulesWith = (rules: Partial<KeyRules>): KeyRules => ({
  name: "test",
  scopes: ["tts"],
  ...unlimited,
  ...rules,
});
