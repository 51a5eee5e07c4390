import type { Scope } from "../../protocol/accounts.ts";
import type { HttpRoute } from "../../protocol/dialect.ts";
import { accountRoutes, tokenRoutes } from "./account-routes.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { dictionaryRoutes } from "./dictionary-routes.ts";
import { engineRoutes } from "./engine-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { speechRoutes } from "./speech-routes.ts";
import { unsupportedRoutes } from "./unsupported-routes.ts";
import { voiceRoutes } from "./voice-routes.ts";

interface RouteGroup {
  readonly routes: (parts: ElevenLabsParts) => readonly ScopelessRoute[];
  /** Needed for GET. */
  readonly reads: Scope;
  /** Needed for every other method. */
  readonly writes: Scope;
}

const groups: readonly RouteGroup[] = [
  { routes: speechRoutes, reads: "tts", writes: "tts" },
  { routes: engineRoutes, reads: "voices:read", writes: "voices:write" },
  { routes: voiceRoutes, reads: "voices:read", writes: "voices:write" },
  { routes: historyRoutes, reads: "history", writes: "history" },
  { routes: connectionRoutes, reads: "connections", writes: "connections" },
  { routes: dictionaryRoutes, reads: "voices:read", writes: "voices:write" },
  { routes: accountRoutes, reads: "usage", writes: "usage" },
  { routes: tokenRoutes, reads: "tts", writes: "tts" },
  { routes: keyRoutes, reads: "admin", writes: "admin" },
  { routes: unsupportedRoutes, reads: "voices:read", writes: "voices:write" },
];

/** Everything the dialect answers over HTTP. */
export function createRoutes(parts: ElevenLabsParts): HttpRoute[] {
  return groups.flatMap(({ routes, reads, writes }) =>
    routes(parts).map((route) => ({ ...route, scope: route.method === "GET" ? reads : writes })),
  );
}
