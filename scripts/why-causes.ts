import { readFileSync } from "node:fs";
import { causeIds } from "../src/protocol/causes.ts";
import { type ErrorCode, problems } from "../src/protocol/problems.ts";
import { type FieldCauseId, fieldCauses, type WhyCauseId } from "../src/why/field-causes.ts";

/** Every cause that has a page: the catalogue's, then those that only others' services have. */
export const whyCauseIds: readonly WhyCauseId[] = [
  ...causeIds,
  ...(Object.keys(fieldCauses) as FieldCauseId[]),
];

export const isFieldCause = (id: WhyCauseId): id is FieldCauseId => Object.hasOwn(fieldCauses, id);
export const isProblemCode = (id: WhyCauseId): id is ErrorCode => Object.hasOwn(problems, id);

/** Problems of single routes that the Waves protocol has nothing like. */
const ofElevenLabsRoutes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "key_not_found",
  "key_revoked_for_good",
  "key_of_settings",
  "form_expected",
  "connection_not_found",
  "history_item_not_found",
  "pronunciation_dictionary_not_found",
  "pronunciation_dictionary_version_not_found",
  "invalid_lexicon",
  "dictionaries_full",
]);
/** Problems that are told before a socket is open, or of what never becomes one. */
const neverOnSockets: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...ofElevenLabsRoutes,
  "invalid_body",
  "tls_on_plain_port",
  "plain_on_tls_port",
  "malformed_request",
  "headers_too_large",
  "request_timeout",
  "host_not_allowed",
  "origin_not_allowed",
  "too_many_connections",
  "invalid_handshake",
  "not_found",
  "method_not_allowed",
  "upgrade_required",
  "upgrade_not_possible",
  "unsupported_media_type",
]);

/** Nothing can be said before encryption. */
export const isEverTold = (code: ErrorCode): boolean => code !== "plain_on_tls_port";
/** Whether a problem can be told in an error frame and a Close frame. */
export const isOnSockets = (code: ErrorCode): boolean => !neverOnSockets.has(code);
/** Whether the Waves protocol can tell it, too. */
export const isOnWaves = (code: ErrorCode): boolean => !ofElevenLabsRoutes.has(code);

/** The part of a cause's page that somebody wrote. @throws if there is none */
export function readWhyText(id: WhyCauseId): string {
  return readFileSync(new URL(`why/${id}.md`, import.meta.url), "utf8").trim();
}
