import type { IncomingMessage } from "node:http";
import { looksLikeKey, namesSecret } from "../protocol/secrets.ts";

/** The address that a request asks for; `/` for what is none. */
export function readUrl({ url = "/" }: Pick<IncomingMessage, "url">): URL {
  try {
    // What begins with two slashes would be a host.
    return new URL(url.startsWith("/") ? `http://localhost${url}` : url);
  } catch {
    return new URL("http://localhost/");
  }
}

/** Parameters whose values are to be said. */
const textName = /^(?:text|input|transcript|prompt|content|q)$/i;
/** The name of a voice or a format, a number, a language: nothing else is ever needed. */
const harmlessValue = /^[\w.:,-]{0,40}$/;
const harmlessName = /^[\w.[\]-]{1,40}$/;
const hidden = "***";
const maxLength = 1000;

/** Path and query of an address, in which nothing lets anybody in or is to be said. */
export function withoutCredentials({ pathname, searchParams }: URL): string {
  const path = pathname
    .split("/")
    .map((segment) => (looksLikeKey(decoded(segment)) ? hidden : segment))
    .join("/");
  const shown = Array.from(searchParams, ([name, value]) => {
    // What is no name may be a text that somebody forgot to give one.
    if (looksLikeKey(name) || !harmlessName.test(name)) return hidden;
    const isHidden = namesSecret(name) || textName.test(name) || looksLikeKey(value);
    const isShown = !isHidden && harmlessValue.test(value);
    return `${encodeURIComponent(name)}=${isShown ? value : hidden}`;
  });
  // Joined and not added up: a sum of texts keeps all of its parts.
  return [path, shown.join("&")].filter(Boolean).join("?").slice(0, maxLength);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
