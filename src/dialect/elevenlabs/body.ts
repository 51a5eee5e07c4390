import type { z } from "zod";
import { SpeechError } from "../../protocol/problems.ts";
import { shorten } from "../short-text.ts";

/**
 * A request's body, or a form's fields, as `schema` reads it.
 * @throws {SpeechError} invalid_body, about the first member that is wrong
 */
export function readBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === "unrecognized_keys") throw unknownMember(issue);
  const member = issue?.path.join(".") ?? "";
  const value = issue?.path.reduce<unknown>(
    (outer, name) =>
      typeof outer === "object" && outer !== null
        ? (outer as Record<PropertyKey, unknown>)[name]
        : undefined,
    body,
  );
  throw value === undefined
    ? missingMember(member)
    : new SpeechError("invalid_body", {
        member,
        kind: issue?.code ?? "value_error",
        reason: issue?.message ?? "Invalid input",
      });
}

/** What a body without a member is answered with that has to be there. */
export function missingMember(member: string): SpeechError {
  return new SpeechError("invalid_body", { member, kind: "missing", reason: "Field required" });
}

/** What a body with a member is answered with that must not be there. */
function unknownMember({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): SpeechError {
  const [key = ""] = keys;
  const member = [...path, shorten(key)].join(".");
  const reason = "Extra inputs are not permitted";
  return new SpeechError("invalid_body", { member, kind: "extra_forbidden", reason });
}
