import type { HttpRequest, HttpRoute } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { findNamedVoice, jsonRoute } from "./voice-routes.ts";

/** Something that the hosted service does and this server does not. */
interface UnsupportedRoute {
  readonly method: HttpRoute["method"];
  readonly path: string;
  readonly action: string;
  readonly reason: string;
  /** Whether the path names a voice of this server, which has to exist. */
  readonly isAboutVoice?: true;
}

const ownVoices = "its voices are part of its engines";
const noLibrary = "it has no voice library, and shares no voices";

const unsupported: readonly UnsupportedRoute[] = [
  { method: "POST", path: "/v1/voices/add", action: "clone a voice", reason: ownVoices },
  {
    method: "POST",
    path: "/v1/voices/:voice_id/edit",
    action: "edit a voice",
    reason: ownVoices,
    isAboutVoice: true,
  },
  {
    method: "DELETE",
    path: "/v1/voices/:voice_id",
    action: "delete a voice",
    reason: ownVoices,
    isAboutVoice: true,
  },
  {
    method: "POST",
    path: "/v1/voices/:voice_id/replicate-to-isolated-environment",
    action: "copy a voice elsewhere",
    reason: ownVoices,
    isAboutVoice: true,
  },
  {
    method: "POST",
    path: "/v1/voices/add/:public_user_id/:voice_id",
    action: "add a shared voice",
    reason: noLibrary,
  },
  {
    method: "POST",
    path: "/v1/similar-voices",
    action: "look for similar voices",
    reason: noLibrary,
  },
];

/** What is refused, whatever its body holds, and the list of shared voices, which is empty. */
export function unsupportedRoutes({ catalogue }: ElevenLabsParts): ScopelessRoute[] {
  const refuse = ({
    method,
    path,
    action,
    reason,
    isAboutVoice,
  }: UnsupportedRoute): ScopelessRoute => ({
    method,
    path,
    takes: "nothing",
    answer(request: HttpRequest): Promise<never> {
      if (isAboutVoice) findNamedVoice(request, catalogue);
      throw new SpeechError("not_supported", { action, reason });
    },
  });
  return [
    ...unsupported.map(refuse),
    jsonRoute("GET", "/v1/shared-voices", () => ({
      voices: [],
      has_more: false,
      total_count: 0,
      last_sort_id: null,
    })),
  ];
}
