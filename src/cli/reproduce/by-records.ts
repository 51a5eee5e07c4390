import { SqlDictionaries } from "../../store/dictionaries.ts";
import { makeKey, revoke } from "./by-credentials.ts";
import { asking, posting, type ReproductionsOf } from "./reproduction.ts";

const nobodysId = "a".repeat(20);
const dictionariesPath = "/v1/pronunciation-dictionaries";
const dictionary = {
  name: "names",
  rules: [{ type: "alias", string_to_replace: "Syrinx", alias: "sir inks" }],
} as const;

const boundary = "syrinx";
const brokenLexicon = [
  `--${boundary}`,
  'content-disposition: form-data; name="name"',
  "",
  "names",
  `--${boundary}`,
  'content-disposition: form-data; name="file"; filename="names.pls"',
  "content-type: application/pls+xml",
  "",
  "<lexicon>",
  `--${boundary}--`,
  "",
].join("\r\n");

/** Requests for what is kept that is not there, or cannot be changed so. */
export const byRecords: ReproductionsOf<
  | "connection_not_found"
  | "history_item_not_found"
  | "pronunciation_dictionary_not_found"
  | "pronunciation_dictionary_version_not_found"
  | "invalid_lexicon"
  | "dictionaries_full"
  | "not_supported"
  | "key_not_found"
  | "key_revoked_for_good"
  | "key_of_settings"
> = {
  connection_not_found: asking(
    "Somebody asks for a connection that there was not.",
    `/v1/connections/${"0".repeat(32)}`,
  ),
  history_item_not_found: asking(
    "Somebody asks for a history item that there is not.",
    `/v1/history/${nobodysId}`,
  ),
  pronunciation_dictionary_not_found: asking(
    "Somebody asks for a pronunciation dictionary that there is not.",
    `${dictionariesPath}/${nobodysId}`,
  ),
  pronunciation_dictionary_version_not_found: {
    does: "Somebody asks for a version of a pronunciation dictionary that there is not.",
    async run({ look, ask }) {
      const path = `${dictionariesPath}/add-from-rules`;
      const { text } = await look(path, { method: "POST", body: dictionary });
      const { id } = JSON.parse(text) as { readonly id: string };
      await ask(`${dictionariesPath}/${id}/${nobodysId}/download`);
    },
  },
  invalid_lexicon: asking(
    "Somebody uploads a pronunciation lexicon whose XML is broken.",
    `${dictionariesPath}/add-from-file`,
    {
      method: "POST",
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body: brokenLexicon,
    },
  ),
  dictionaries_full: posting(
    "Somebody makes a pronunciation dictionary when there is no room for another.",
    `${dictionariesPath}/add-from-rules`,
    dictionary,
    {
      replaceStores: ({ database }) => ({
        dictionaries: new SqlDictionaries(database, Date.now, 100),
      }),
    },
  ),
  not_supported: posting("Somebody asks the server to clone a voice.", "/v1/voices/add", undefined),
  key_not_found: asking(
    "Somebody asks for an API key that there is not.",
    `/v1/admin/keys/${nobodysId}`,
  ),
  key_revoked_for_good: {
    does: "Somebody changes an API key that was revoked.",
    async run(bench) {
      const key = await makeKey(bench);
      await revoke(bench, key);
      const body = { name: "another name" };
      await bench.ask(`/v1/admin/keys/${key.id}`, { method: "PATCH", body });
    },
  },
  key_of_settings: asking(
    "Somebody changes the API key that the server's settings name.",
    "/v1/admin/keys/settings",
    { method: "PATCH", body: { name: "another name" } },
  ),
};
