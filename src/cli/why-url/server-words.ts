import { decode, isCredential } from "../../why/url/address.ts";

/** Shorter ones would be found in words that are none. */
const leastSecretChars = 4;

/**
 * Makes texts that a server may have a part in fit to be shown: without the credentials that were
 * sent to it, should it repeat them, and without what steers a terminal.
 */
export function createCleaner(url: URL, key: string | undefined): (text: string) => string {
  const given = [
    key,
    decode(url.username),
    decode(url.password),
    ...[...url.searchParams].flatMap(([name, value]) => (isCredential(name) ? [value] : [])),
  ].flatMap((secret) => (secret === undefined ? [] : [secret, withoutScheme(secret)]));
  const secrets = [...new Set(given.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter(({ length }) => length >= leastSecretChars)
    .toSorted((one, other) => other.length - one.length);
  return (text) => {
    const line = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
    return secrets.reduce((left, secret) => left.replaceAll(secret, "[hidden]"), line);
  };
}

const withoutScheme = (credential: string): string => credential.replace(/^\w+\s+/, "");
