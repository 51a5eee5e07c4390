import type { Dialect } from "../../protocol/dialect.ts";
import { formatRefusal } from "./errors.ts";
import type { ElevenLabsParts } from "./parts.ts";
import { createRoutes } from "./routes.ts";
import { openSocket, readSocketCredential, socketKinds } from "./socket-request.ts";
import { readHeaderCredential } from "./speech-request.ts";

/** The text-to-speech protocol of ElevenLabs. */
export function createElevenLabsDialect(parts: ElevenLabsParts): Dialect {
  return {
    name: "elevenlabs",
    credential: readHeaderCredential,
    refuse: formatRefusal,
    sockets: socketKinds.map((kind) => ({
      path: `/v1/text-to-speech/:voice_id/${kind}`,
      credential: readSocketCredential,
      credentialDue: "message",
      open: (head, traceId) => openSocket(kind, head, traceId, parts),
    })),
    http: createRoutes(parts),
  };
}
