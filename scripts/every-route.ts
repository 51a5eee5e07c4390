import { createCatalogue } from "../src/catalogue.ts";
import { createElevenLabsDialect } from "../src/dialect/elevenlabs/elevenlabs.ts";
import type { ElevenLabsParts } from "../src/dialect/elevenlabs/parts.ts";
import type { WavesParts } from "../src/dialect/waves/parts.ts";
import { createWavesDialect, wavesBasePaths } from "../src/dialect/waves/waves.ts";
import type { Scope } from "../src/protocol/accounts.ts";
import type { HttpRoute } from "../src/protocol/dialect.ts";

/** A route as clients see it; a socket is opened with GET. */
export interface PublicRoute {
  readonly method: HttpRoute["method"] | "WebSocket";
  readonly path: string;
  readonly scope: Scope;
}

/** Every route that needs a credential. Routes are asked what they are; none is called. */
export function everyRoute(): readonly PublicRoute[] {
  const catalogue = createCatalogue([]);
  const [wavesBasePath] = wavesBasePaths;
  const mounts = [
    {
      basePath: "",
      dialect: createElevenLabsDialect({ catalogue, stores: {} } as unknown as ElevenLabsParts),
    },
    {
      basePath: wavesBasePath,
      dialect: createWavesDialect({ catalogue } as unknown as WavesParts),
    },
  ];
  return mounts.flatMap(({ basePath, dialect: { http, sockets } }) => [
    ...http.map(({ method, path, scope }) => ({ method, path: `${basePath}${path}`, scope })),
    ...sockets.map(({ path }) => ({
      method: "WebSocket" as const,
      path: `${basePath}${path}`,
      // Sessions ask for it, whoever opens them.
      scope: "tts" as const,
    })),
  ]);
}
