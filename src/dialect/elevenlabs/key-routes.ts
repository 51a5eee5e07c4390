import type { HttpRequest, JsonAnswer } from "../../protocol/dialect.ts";
import { createKeyActions } from "./key-actions.ts";
import type { ElevenLabsParts, ScopelessRoute } from "./parts.ts";
import { jsonRoute } from "./voice-routes.ts";

const root = "/v1/admin/keys";

/** Keys: made, shown without their secrets, changed, given new secrets, revoked. */
export function keyRoutes(parts: ElevenLabsParts): ScopelessRoute[] {
  const actions = createKeyActions(parts);
  return [
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
}

const idOf = ({ params }: HttpRequest): string => params["key_id"] ?? "";
