import { hostedVendor, isCredential, readAddress, showAddress } from "./url/address.ts";
import type { FindingLevel, SocketRoute, SpeechVendor, UrlFinding } from "./url/finding.ts";
import { checkQuery } from "./url/query.ts";
import { findRoute } from "./url/route.ts";
import { elevenLabsIdleSeconds, wavesIdleSeconds } from "./url/vendor-values.ts";

/** What an address says, and what is wrong with it. Nothing in it is a credential. */
export interface UrlReport {
  /** Undefined where it is the address of neither. */
  readonly vendor: SpeechVendor | undefined;
  /** Undefined where it leads to no socket that speaks. */
  readonly route: SocketRoute | undefined;
  /** Whether the vendor's own service is there. */
  readonly isHosted: boolean;
  /** The address without credentials; undefined where it is none. */
  readonly shown: string | undefined;
  /** Whether the address holds a credential, or something in the place of one. */
  readonly credential: "key" | "token" | "none";
  /** How long a client may be silent by the documents, with what the address asks for. */
  readonly idleSeconds: number | undefined;
  /** The worst first. */
  readonly findings: readonly UrlFinding[];
}

/** Looks at the address of a socket without asking anybody. Any text may be given. */
export function checkUrl(text: string): UrlReport {
  const { url, findings: ofAddress } = readAddress(text);
  if (!url) {
    return {
      vendor: undefined,
      route: undefined,
      isHosted: false,
      shown: undefined,
      credential: "none",
      idleSeconds: undefined,
      findings: ofAddress,
    };
  }
  const isHosted = hostedVendor(url) !== undefined;
  const { vendor, route, findings: ofPath } = findRoute(url);
  const ofQuery = vendor && route ? checkQuery(url.search, { vendor, route, isHosted }) : [];
  return {
    vendor,
    route,
    isHosted,
    shown: showAddress(url),
    credential: credentialOf(url),
    idleSeconds: route && documentedIdle(route, url.searchParams),
    findings: worstFirst([...ofAddress, ...ofPath, ...ofQuery]),
  };
}

const ranks: Readonly<Record<FindingLevel, number>> = { error: 0, warning: 1, note: 2 };

const worstFirst = (findings: readonly UrlFinding[]): UrlFinding[] =>
  findings.toSorted((one, other) => ranks[one.level] - ranks[other.level]);

function credentialOf({ searchParams }: URL): UrlReport["credential"] {
  if (searchParams.get("single_use_token")) return "token";
  const names = [...searchParams.keys()].filter(isCredential);
  return names.some((name) => searchParams.get(name)) ? "key" : "none";
}

/** Seconds without a message after which the documents let a socket be closed. */
function documentedIdle(route: SocketRoute, query: URLSearchParams): number | undefined {
  switch (route) {
    case "stream-input":
    case "multi-stream-input": {
      const { min, max, fallback } = elevenLabsIdleSeconds;
      const asked = query.get("inactivity_timeout") ?? "";
      if (!/^[+-]?\d+(?:\.\d*)?$/.test(asked)) return fallback;
      return Math.min(max, Math.max(min, Number(asked)));
    }
    case "tts-live": {
      const asked = query.get("timeout") ?? "";
      return /^\d+$/.test(asked) && Number(asked) >= wavesIdleSeconds.min
        ? Number(asked)
        : wavesIdleSeconds.fallback;
    }
    case "lightning-v4":
      return undefined;
  }
}
