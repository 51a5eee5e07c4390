import { namesSecret, parametersOf } from "./parameters.ts";
import { error, note, type UrlFinding, warning } from "./finding.ts";
import { showable } from "./showable.ts";

/** An address as it was written, and as a URL where it is one. */
export interface Address {
  /** As a WebSocket's: `ws:` or `wss:`, without a fragment. It may hold credentials. */
  readonly url: URL | undefined;
  readonly findings: readonly UrlFinding[];
}

/** No library sends a longer one, and no server reads it. */
const maxAddressChars = 16_384;

const schemePattern = /^[a-z][a-z0-9+.-]*:\/\//i;
const socketSchemes: Readonly<Record<string, "ws:" | "wss:">> = {
  "ws:": "ws:",
  "wss:": "wss:",
  "http:": "ws:",
  "https:": "wss:",
};

/** Reads what is meant as the address of a socket, whatever it is. */
export function readAddress(text: string): Address {
  const trimmed = text.trim();
  if (trimmed.length > maxAddressChars) {
    const what = `It has more than ${maxAddressChars} characters.`;
    return { url: undefined, findings: [error("address", what, "Send text in messages.")] };
  }
  const hasScheme = schemePattern.test(trimmed);
  const url = parse(hasScheme ? trimmed : `${schemeFor(trimmed)}//${trimmed}`);
  if (!url || url.hostname === "") {
    const advice = "Write it as in wss://host/v1/text-to-speech/VOICE/stream-input.";
    return { url: undefined, findings: [error("address", "It is no address.", advice)] };
  }
  const scheme = Object.hasOwn(socketSchemes, url.protocol)
    ? socketSchemes[url.protocol]
    : undefined;
  if (scheme === undefined) {
    const what = "Its scheme is none of WebSockets.";
    return { url: undefined, findings: [error("scheme", what, "Write ws:// or wss://.")] };
  }
  const findings = [
    ...(trimmed === text
      ? []
      : [warning("address", "There are blanks around it.", "Take them out of the setting.")]),
    ...(hasScheme ? [] : [error("scheme", "It has none.", `Begin with ${url.protocol}//.`)]),
    ...checkScheme(url, scheme),
    ...checkParts(url),
  ];
  url.protocol = scheme;
  url.hash = "";
  return { url, findings };
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

const localHost = /^(?:localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)$/i;

/** What stands in front of an address that has no scheme. */
const schemeFor = (text: string): string =>
  localHost.test(/^(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]*)/.exec(text)?.[1] ?? "") ? "ws:" : "wss:";

/** The vendors' own services, by the ends of their names. */
const hostedNames = [".elevenlabs.io", ".smallest.ai"] as const;

/** Whose own service a host is. */
export function hostedVendor({ hostname }: URL): "elevenlabs" | "waves" | undefined {
  const found = hostedNames.find((end) => `.${hostname}`.endsWith(end));
  if (found === undefined) return undefined;
  return found === ".elevenlabs.io" ? "elevenlabs" : "waves";
}

function checkScheme(url: URL, scheme: "ws:" | "wss:"): readonly UrlFinding[] {
  const isHosted = hostedVendor(url) !== undefined;
  const findings: UrlFinding[] = [];
  if (url.protocol.startsWith("http")) {
    findings.push(
      error(
        "scheme",
        `Sockets are opened with ${scheme}//, and most libraries refuse ${url.protocol}//.`,
        `Write ${scheme}//.`,
        "upgrade_required",
      ),
    );
  }
  if (scheme === "ws:" && isHosted) {
    findings.push(
      error(
        "scheme",
        "The hosted service is encrypted: plain connections are not taken.",
        "Write wss://.",
        "plain_on_tls_port",
      ),
    );
  }
  if (scheme === "wss:" && localHost.test(url.hostname)) {
    findings.push(
      note(
        "scheme",
        "A server on this machine is seldom encrypted: Syrinx is with --tls-cert and --tls-key only.",
        "If it is not, write ws://.",
        "tls_on_plain_port",
      ),
    );
  }
  return findings;
}

function checkParts(url: URL): readonly UrlFinding[] {
  const findings: UrlFinding[] = [];
  if (url.username !== "" || url.password !== "") {
    findings.push(
      warning(
        "host",
        "There are credentials in front of the host; they end in logs, and no speech server reads them.",
        "Take them out, and send the key as a header.",
      ),
    );
  }
  if (url.hash !== "") {
    findings.push(
      error(
        "fragment",
        "What follows # is never sent, and WebSocket libraries refuse it.",
        "Write %23 for a # that belongs to a value, or take it out.",
      ),
    );
  }
  return findings;
}

const credentialNames: ReadonlySet<string> = new Set(
  Object.values(parametersOf).flatMap((rows) =>
    Object.entries(rows).flatMap(([name, { rule }]) => (rule.kind === "credential" ? [name] : [])),
  ),
);

/** Whether a parameter is there to hold a credential, whether or not it is read. */
export const isCredential = (name: string): boolean =>
  credentialNames.has(name) || namesSecret(name);

/** An address as it may be shown: without credentials, or what may be one. */
export function showAddress(url: URL): string {
  const path = url.pathname.split("/").map((part) => showable(decode(part)) ?? "…");
  const pairs = [...url.searchParams].map(([name, value]) => {
    const shown = isCredential(name) ? undefined : showable(value);
    return `${showable(name) ?? "…"}=${shown ?? "…"}`;
  });
  const query = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return `${url.protocol}//${showHost(url)}${path.join("/")}${query}`;
}

/** The host of an address; who takes a key for an address has it there. */
export const showHost = ({ host, hostname }: URL): string =>
  hostname.startsWith("[")
    ? host
    : host
        .split(".")
        .map((label) => showable(label) ?? "…")
        .join(".");

/** A part of a path as text; as it stands where it is not well-formed. */
export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
