import type { Dialect, RequestHead } from "../../protocol/dialect.ts";
import { readHeaderCredential, readSocketCredential } from "./credentials.ts";
import { formatRefusal } from "./errors.ts";
import { models, turnsModel } from "./models.ts";
import type { WavesParts } from "./parts.ts";
import { openSocket, socketPaths } from "./socket-request.ts";
import { speechRoutes } from "./speech-routes.ts";
import { openTurns, turnsPath } from "./turns-request.ts";
import { voiceRoutes } from "./voice-routes.ts";

/** Where clients look for the routes: the vendor's prefix, and the one before it. */
export const wavesBasePaths = ["/waves", "/api"] as const;

/** Of all models that requests may name. */
export const wavesModelIds: readonly string[] = [...models, turnsModel].map(({ id }) => id);

/** The text-to-speech protocol of Smallest AI's Waves. */
export function createWavesDialect(parts: WavesParts): Dialect {
  return {
    name: "waves",
    credential: readHeaderCredential,
    refuse: formatRefusal,
    sockets: [
      ...socketPaths.map((path) => ({
        path,
        credential: readSocketCredential,
        credentialDue: "upgrade" as const,
        open: async (head: RequestHead, traceId: string) => openSocket(path, head, traceId, parts),
      })),
      {
        path: turnsPath,
        credential: readSocketCredential,
        credentialDue: "upgrade",
        open: async (head, traceId) => openTurns(head, traceId, parts),
      },
    ],
    http: [...speechRoutes(parts), ...voiceRoutes(parts)],
  };
}
