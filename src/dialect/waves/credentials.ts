import type { RequestHead } from "../../protocol/dialect.ts";
import type { Credential } from "../../protocol/speech.ts";
import { withoutScheme } from "../credentials.ts";
import { textParameter } from "../query.ts";

/** The key in the headers. */
export function readHeaderCredential(head: RequestHead): Credential | undefined {
  const key = withoutScheme(head.header("authorization") ?? "").trim();
  // Of a client without a key there may be the scheme.
  return key === "" || /^Bearer$/i.test(key) ? undefined : { kind: "key", value: key };
}

/** Browsers cannot send headers with an upgrade: theirs is in the query. */
export function readSocketCredential(head: RequestHead): Credential | undefined {
  const key = textParameter(head.query, "token") ?? textParameter(head.query, "api_key");
  return readHeaderCredential(head) ?? (key ? { kind: "key", value: key } : undefined);
}
