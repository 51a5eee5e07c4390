import { z } from "zod";
import type {
  FileAnswer,
  HttpRequest,
  JsonAnswer,
  MultipartForm,
  Query,
} from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { Dictionary, DictionaryQuery } from "../../protocol/stores.ts";
import { missingMember, readBody } from "./body.ts";
import {
  formatDictionary,
  formatDictionaryPage,
  formatDictionaryWithRules,
  formatNewDictionary,
  formatNewVersion,
} from "./dictionary-json.ts";
import {
  addRules,
  dictionaryLimits,
  readRules,
  removeRules,
  rulesSchema,
} from "./dictionary-rules.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { formatLexicon, parseLexicon } from "./pls.ts";
import { booleanParameter, choiceParameter, countParameter, textParameter } from "../query.ts";
import { shorten } from "../short-text.ts";
import { jsonRoute } from "./voice-routes.ts";

const root = "/v1/pronunciation-dictionaries";
const { maxNameChars, maxDescriptionChars, maxRules, maxStringChars } = dictionaryLimits;

const name = z.string().min(1).max(maxNameChars);
const labelMembers = { name, description: z.string().max(maxDescriptionChars).nullish() };

const createSchema = z.looseObject({ ...labelMembers, rules: rulesSchema });
const uploadSchema = z.looseObject(labelMembers);
const updateSchema = z.looseObject({ name: name.nullish(), archived: z.boolean().nullish() });
const rulesBodySchema = z.looseObject({ rules: rulesSchema });
const removeSchema = z.looseObject({
  rule_strings: z.array(z.string().max(maxStringChars)).max(maxRules),
});

/** Pronunciation dictionaries: made from rules or files, changed version by version, downloaded. */
export function dictionaryRoutes({ stores }: ElevenLabsParts): ScopelessRoute[] {
  const { dictionaries } = stores;

  return [
    jsonRoute("GET", root, async ({ query }) => {
      const page = await dictionaries.list(readDictionaryQuery(query));
      if (page) return formatDictionaryPage(page);
      const expected = "the next_cursor of an earlier answer";
      throw new SpeechError("invalid_parameter", { parameter: "cursor", expected });
    }),
    jsonRoute("POST", `${root}/add-from-rules`, async ({ body }) => {
      const { name, description, rules } = readBody(createSchema, body);
      return formatNewDictionary(
        await dictionaries.create({
          name,
          description: description ?? undefined,
          rules: addRules([], readRules(rules)),
        }),
      );
    }),
    {
      method: "POST",
      path: `${root}/add-from-file`,
      takes: "form",
      async answer({ body }): Promise<JsonAnswer> {
        const { fields, files } = body as MultipartForm;
        const { name, description } = readBody(uploadSchema, Object.fromEntries(fields));
        const file = files.find(({ field }) => field === "file");
        if (!file) throw missingMember("file");
        const rules = parseLexicon(file.bytes);
        const order = { name, description: description ?? undefined, rules };
        return { type: "json", body: formatNewDictionary(await dictionaries.create(order)) };
      },
    },
    jsonRoute("GET", `${root}/:dictionary_id`, async (request) =>
      formatDictionaryWithRules(await foundIn(request, (id) => dictionaries.find(id))),
    ),
    jsonRoute("PATCH", `${root}/:dictionary_id`, async (request) => {
      const { name, archived } = readBody(updateSchema, request.body);
      const change = { name: name ?? undefined, archived: archived ?? undefined };
      return formatDictionary(await foundIn(request, (id) => dictionaries.update(id, change)));
    }),
    jsonRoute("POST", `${root}/:dictionary_id/set-rules`, async (request) => {
      const rules = addRules([], readRules(readBody(rulesBodySchema, request.body).rules));
      return formatNewVersion(await foundIn(request, (id) => dictionaries.revise(id, () => rules)));
    }),
    jsonRoute("POST", `${root}/:dictionary_id/add-rules`, async (request) => {
      const added = readRules(readBody(rulesBodySchema, request.body).rules);
      return formatNewVersion(
        await foundIn(request, (id) => dictionaries.revise(id, (rules) => addRules(rules, added))),
      );
    }),
    jsonRoute("POST", `${root}/:dictionary_id/remove-rules`, async (request) => {
      const { rule_strings: strings } = readBody(removeSchema, request.body);
      return formatNewVersion(
        await foundIn(request, (id) =>
          dictionaries.revise(id, (rules) => removeRules(rules, strings)),
        ),
      );
    }),
    {
      method: "GET",
      path: `${root}/:dictionary_id/:version_id/download`,
      async answer(request): Promise<FileAnswer> {
        const { id, name } = await foundIn(request, (id) => dictionaries.find(id));
        const versionId = request.params["version_id"] ?? "";
        const version = await dictionaries.findVersion(id, versionId);
        if (!version) {
          const details = { id, versionId: shorten(versionId) };
          throw new SpeechError("pronunciation_dictionary_version_not_found", details);
        }
        return {
          type: "file",
          contentType: "application/pls+xml",
          bytes: formatLexicon(version.rules),
          headers: { "content-disposition": `attachment; filename="${fileNameOf(name)}.pls"` },
        };
      },
    },
  ];
}

/** What `find` gives for the path's dictionary. @throws {SpeechError} if that is nothing */
async function foundIn(
  { params }: HttpRequest,
  find: (id: string) => Promise<Dictionary | undefined>,
): Promise<Dictionary> {
  const id = params["dictionary_id"] ?? "";
  const dictionary = await find(id);
  if (dictionary) return dictionary;
  throw new SpeechError("pronunciation_dictionary_not_found", { id: shorten(id) });
}

/** @throws {SpeechError} invalid_parameter */
function readDictionaryQuery(query: Query): DictionaryQuery {
  const sorts = ["creation_time_unix", "created_at_unix", "name"] as const;
  const directions = ["asc", "ascending", "desc", "descending"] as const;
  const sort = choiceParameter(query, "sort", sorts);
  const direction = choiceParameter(query, "sort_direction", directions);
  return {
    pageSize: countParameter(query, "page_size", { max: 100, fallback: 30 }),
    sort: sort === "name" ? "name" : "created",
    descending: !direction?.startsWith("asc"),
    withArchived: booleanParameter(query, "include_archived", false),
    afterId: textParameter(query, "cursor"),
  };
}

/** What of a name is safe in a file's name and in a header. */
const fileNameOf = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "") || "dictionary";
