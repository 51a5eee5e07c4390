import type { Dialect } from "../../protocol/dialect.ts";
import { formatRefusal } from "./errors.ts";
import { catalogueRoutes, type ElevenLabsParts, speechRoutes, tokenRoutes } from "./routes.ts";
import { openSocket, socketKinds } from "./socket-request.ts";
import { orProblem, readHeaderCredential } from "./speech-request.ts";

/** The text-to-speech protocol of ElevenLabs. */
export function createElevenLabsDialect(parts: ElevenLabsParts): Dialect {
  return {
    name: "elevenlabs",
    credential: readHeaderCredential,
    refuse: formatRefusal,
    sockets: socketKinds.map((kind) => ({
      path: `/v1/text-to-speech/:voice_id/${kind}`,
      open: (head, traceId) =>
        Promise.resolve(orProblem(() => openSocket(kind, head, traceId, parts))),
    })),
    http: [...speechRoutes(parts), ...catalogueRoutes(parts), ...tokenRoutes(parts)],
  };
}
