import type { IncomingMessage } from "node:http";

/** The address that a request asks for; `/` for what is none. */
export function readUrl({ url = "/" }: Pick<IncomingMessage, "url">): URL {
  try {
    // What begins with two slashes would be a host.
    return new URL(url.startsWith("/") ? `http://localhost${url}` : url);
  } catch {
    return new URL("http://localhost/");
  }
}

/** Parameters whose values nobody writes down. */
const credentialNames =
  /^(?:authorization|single_use_token|token|api_key|apikey|xi[-_]api[-_]key|access_token|key|secret|password)$/i;
/** A parameter's value that looks like a key under whatever name. */
const looksLikeKey = /^(?:sk_|Bearer\b|eyJ)|^[A-Za-z0-9+/_-]{32,}={0,2}$/;
const maxLength = 1000;

/** Path and query of an address, in which nothing lets anybody in. */
export function withoutCredentials({ pathname, searchParams }: URL): string {
  const shown = Array.from(searchParams, ([name, value]) => {
    const isSecret = credentialNames.test(name) || looksLikeKey.test(value);
    return `${encodeURIComponent(name)}=${isSecret ? "***" : encodeURIComponent(value)}`;
  });
  const query = shown.length === 0 ? "" : `?${shown.join("&")}`;
  return `${pathname}${query}`.slice(0, maxLength);
}
