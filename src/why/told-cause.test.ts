import { describe, expect, it } from "vitest";
import { causeOfClose, causeOfRefusal, causeOfTold, readTold } from "./told-cause.ts";

describe("what a server says", () => {
  it.each([
    [{ message: "Invalid API key", error: "invalid_api_key", code: 1008 }, "invalid_api_key"],
    [
      {
        message: "A voice with voice_id x does not exist.",
        error: "voice_id_does_not_exist",
        code: 1008,
      },
      "voice_not_found",
    ],
    [
      { message: "voice_settings field must be provided in the first message.", code: 1008 },
      "settings_changed",
    ],
    [{ message: "Too many.", error: "max_active_conversations", code: 1008 }, "too_many_contexts"],
    [
      { detail: { status: "quota_exceeded", message: "This request exceeds your quota of 1." } },
      "quota_exceeded",
    ],
    [
      { detail: { code: "unauthorized", status: "needs_authorization", message: "none" } },
      "authentication_required",
    ],
    [
      {
        detail: {
          type: "validation_error",
          code: "unsupported_model",
          status: "unsupported_model",
        },
      },
      "unsupported_model",
    ],
    [{ detail: [{ type: "missing", loc: ["body"], msg: "Field required" }] }, "invalid_body"],
    [
      { status: "error", message: "Connection timed out after 60 seconds of inactivity" },
      "input_timeout",
    ],
    [
      { status: "error", error: { code: "invalid_voice_id", message: "Invalid Voice ID" } },
      "voice_not_found",
    ],
    [
      { error: [{ code: "custom", path: ["voice_id"], message: "Invalid Voice ID" }] },
      "voice_not_found",
    ],
    [{ status: "error", error_code: "MODEL_DEPRECATED", message: "Gone." }, "model_retired"],
    [{ error: "Unauthorized", message: "Invalid key" }, "invalid_api_key"],
    [{ error: "Unauthorized", message: "No credential was sent." }, "authentication_required"],
    [{ error: "nonsense", message: "nobody knows" }, undefined],
    [{ error: "constructor" }, undefined],
    ["a text", undefined],
    [null, undefined],
  ])("%j is %s", (json, cause) => {
    expect(causeOfTold(readTold(json))).toBe(cause);
  });
});

describe("a Close frame", () => {
  it.each([
    [1008, "Invalid API key", "invalid_api_key"],
    [
      1008,
      "Have not received a new text input within the timeout of 20.0 seconds. Streaming input",
      "input_timeout",
    ],
    [1000, "inactivity_timeout", "input_timeout"],
    [1008, "", undefined],
    [1000, "", undefined],
    [1001, "", "shutting_down"],
    [1011, "", "internal_error"],
    [1012, "service restart", "service_restart"],
    [1013, "", "server_busy"],
    [1006, "", undefined],
  ])("%d %j is %s", (code, reason, cause) => {
    expect(causeOfClose(code, reason)).toBe(cause);
  });
});

describe("a refused upgrade", () => {
  it.each([
    [200, "<html><title>Welcome to nginx</title></html>", "proxy_no_upgrade"],
    [200, "", "proxy_no_upgrade"],
    [502, "Bad Gateway", "proxy_no_upgrade"],
    [403, "<!DOCTYPE html><title>Just a moment...</title>", "proxy_no_upgrade"],
    [
      400,
      "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>",
      "plain_on_tls_port",
    ],
    [404, '{"detail":"Not Found"}', "not_found"],
    [429, "", "too_many_concurrent_requests"],
    [403, "", undefined],
    [403, '{"detail":{"status":"missing_permissions","message":"no"}}', "missing_permission"],
    [400, "", undefined],
    [418, "{}", undefined],
  ])("with %d and %j is %s", (status, body, cause) => {
    expect(causeOfRefusal({ status, body, hadKey: true })).toBe(cause);
  });

  it("with 401 is a bad key or none", () => {
    expect(causeOfRefusal({ status: 401, body: "", hadKey: true })).toBe("invalid_api_key");
    expect(causeOfRefusal({ status: 401, body: "", hadKey: false })).toBe(
      "authentication_required",
    );
  });
});
