import type { HttpRequest, JsonAnswer } from "../../protocol/dialect.ts";
import { SpeechError } from "../../protocol/problems.ts";
import { createKeyActions } from "./key-actions.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { jsonRoute } from "./voice-routes.ts";

const root = "/v1/admin/keys";

/** Keys: made, shown without their secrets, changed, given new secrets, revoked. */
export function keyRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  const actions = createKeyActions(parts);
  const routes: ScopelessRoute[] = [
    jsonRoute("GET", root, () => actions.list()),
    {
      method: "POST",
      path: root,
      answer: async ({ body }): Promise<JsonAnswer> => ({
        type: "json",
        status: 201,
        body: await actions.create(body),
      }),
    },
    jsonRoute("GET", `${root}/:key_id`, (request) => actions.show(idOf(request))),
    jsonRoute("PATCH", `${root}/:key_id`, (request) => actions.update(idOf(request), request.body)),
    jsonRoute("POST", `${root}/:key_id/rotate`, (request) =>
      actions.rotate(idOf(request), request.body),
    ),
    jsonRoute("DELETE", `${root}/:key_id`, (request) => actions.revoke(idOf(request))),
  ];
  return routes.map((route) => ({
    ...route,
    answer: async (request) => {
      refuseNobody(request);
      return route.answer(request);
    },
  }));
}

/** Keys that anybody has made would still be good when they are needed. @throws {SpeechError} not_supported */
function refuseNobody({ account }: HttpRequest): void {
  if (account.keyId !== "") return;
  const reason = "it runs with --auth off, where nobody shows one";
  throw new SpeechError("not_supported", { action: "look after keys over HTTP", reason });
}

const idOf = ({ params }: HttpRequest): string => params["key_id"] ?? "";
