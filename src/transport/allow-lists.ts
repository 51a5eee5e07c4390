import type { IncomingMessage } from "node:http";
import type { Problem } from "../protocol/problems.ts";

/** From where a server may be asked, and under which names; `*` stands for any. */
export interface AllowLists {
  /** Host names without a port, such as `speech.example.com` or `*.example.com`. */
  readonly hosts: readonly string[];
  /** Origins of web pages, such as `https://app.example.com` or `https://*.example.com`. */
  readonly origins: readonly string[];
}

/** Says why a request may not be answered, if it may not. */
export type CheckAllowed = (request: IncomingMessage) => Problem | undefined;

export const isAny = (list: readonly string[]): boolean => list.includes("*");

/**
 * Checks the Host header, so that no page can reach a server on a private address by a name of its own
 * (DNS rebinding), and the Origin header, which browsers alone send and pages cannot forge.
 */
export function createCheckAllowed({ hosts, origins }: AllowLists): CheckAllowed {
  const isHost = createMatcher(hosts);
  const isOrigin = createMatcher(origins);
  return ({ url = "/", headers, rawHeaders, httpVersion }) => {
    // What has no version is HTTP/0.9, which has no headers.
    if (httpVersion !== "1.1" && httpVersion !== "1.0") return malformed;
    const named = countOf(rawHeaders, "host");
    // As RFC 9112 section 3.2 has it: with several, each hop could choose another one.
    if (named > 1 || (named === 0 && httpVersion !== "1.0")) return malformed;
    const isProbe = probes.test(url);
    if (!isProbe && !isHost(hostName(headers.host ?? "")))
      return { code: "host_not_allowed", details: {} };
    // A request in absolute form names its host twice (RFC 9112 section 3.2.2).
    const target = URL.canParse(url) ? new URL(url).host : undefined;
    if (target && !isHost(hostName(target))) return { code: "host_not_allowed", details: {} };
    const { origin } = headers;
    if (origin === undefined || isOrigin(origin.toLowerCase())) return undefined;
    return { code: "origin_not_allowed", details: {} };
  };
}

/** What asks after a server's health asks by its address, and is told nothing that is anybody's. */
const probes = /^\/health(?:\?|$)/;

const malformed: Problem = { code: "malformed_request", details: {} };

function countOf(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((each, at) => at % 2 === 0 && each.toLowerCase() === name).length;
}

/** The name alone: without port, trailing dot and capitals. */
function hostName(host: string): string {
  const name = host.trim().replace(/:\d*$/, "");
  return name.replace(/\.$/, "").toLowerCase();
}

/** Whether a name is in a list, where a star stands for one or more labels. */
function createMatcher(list: readonly string[]): (name: string) => boolean {
  if (isAny(list)) return () => true;
  const names = list.map((each) => each.toLowerCase());
  const exact = new Set(names.filter((name) => !name.includes("*")));
  const wild = names
    .filter((name) => name.includes("*"))
    .map((name) => name.split("*") as [string, string]);
  return (name) =>
    exact.has(name) ||
    wild.some(
      ([start, end]) =>
        name.length > start.length + end.length &&
        name.startsWith(start) &&
        name.endsWith(end) &&
        /^[\w.-]+$/.test(name.slice(start.length, -end.length)),
    );
}
