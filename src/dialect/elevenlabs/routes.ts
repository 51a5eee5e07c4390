import type { HttpRoute } from "../../protocol/dialect.ts";
import { accountRoutes } from "./account-routes.ts";
import { dictionaryRoutes } from "./dictionary-routes.ts";
import { engineRoutes } from "./engine-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import type { ElevenLabsParts } from "./parts.ts";
import { speechRoutes } from "./speech-routes.ts";
import { unsupportedRoutes } from "./unsupported-routes.ts";
import { voiceRoutes } from "./voice-routes.ts";

/** Everything the dialect answers over HTTP. */
export function createRoutes(parts: ElevenLabsParts): HttpRoute[] {
  return [
    speechRoutes,
    engineRoutes,
    voiceRoutes,
    historyRoutes,
    dictionaryRoutes,
    accountRoutes,
    unsupportedRoutes,
  ].flatMap((routes) => routes(parts));
}
