import type { EngineStatus, VoiceChanges } from "../../protocol/engines.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { jsonRoute } from "./voice-routes.ts";

/** What runs the voices; the vendor has nothing of the kind. */
export function engineRoutes({ engines }: ElevenLabsParts): ScopelessRoute[] {
  return [
    jsonRoute("GET", "/v1/engines", () => ({ engines: engines.status().map(formatEngine) })),
    jsonRoute("POST", "/v1/voices/refresh", async () => formatChanges(await engines.refresh())),
  ];
}

function formatEngine(engine: EngineStatus): object {
  return {
    name: engine.name,
    voices: engine.voices,
    streams: engine.streams,
    deterministic: engine.isDeterministic,
    upstreams: engine.upstreams.map(({ name, state, failures, retryInMs }) => ({
      name,
      state,
      failures,
      retry_in_ms: retryInMs === undefined ? null : Math.round(retryInMs),
    })),
  };
}

function formatChanges({ added, removed, faults }: VoiceChanges): object {
  const slugs = (voices: VoiceChanges["added"]): string[] => voices.map(({ slug }) => slug);
  return { added: slugs(added), removed: slugs(removed), faults };
}
