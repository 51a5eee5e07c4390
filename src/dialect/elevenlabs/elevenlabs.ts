import type { Dialect } from "../../protocol/dialect.ts";
import { formatRefusal } from "./errors.ts";
import type { ElevenLabsParts } from "./parts.ts";
import { createRoutes } from "./routes.ts";
import { openStreamInput } from "./socket-request.ts";
import { readHeaderCredential } from "./speech-request.ts";

/** The text-to-speech protocol of ElevenLabs. */
export function createElevenLabsDialect(parts: ElevenLabsParts): Dialect {
  return {
    name: "elevenlabs",
    credential: readHeaderCredential,
    refuse: formatRefusal,
    sockets: [
      {
        path: "/v1/text-to-speech/:voice_id/stream-input",
        open: (head) => openStreamInput(head, parts.catalogue, parts.settings),
      },
    ],
    http: createRoutes(parts),
  };
}
