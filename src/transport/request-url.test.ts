import { expect, it } from "vitest";
import { withoutCredentials } from "./request-url.ts";

const shown = (address: string): string => withoutCredentials(new URL(address, "http://localhost"));

it.each([
  ["/v1/voices", "/v1/voices"],
  [
    "/v1/x?model_id=eleven_flash_v2_5&auto_mode=true",
    "/v1/x?model_id=eleven_flash_v2_5&auto_mode=true",
  ],
  [
    "/v1/x?authorization=abc&single_use_token=abc&xi-api-key=abc",
    "/v1/x?authorization=***&single_use_token=***&xi-api-key=***",
  ],
  [
    "/v1/x?jwt=abc&auth=abc&conversation_signature=abc",
    "/v1/x?jwt=***&auth=***&conversation_signature=***",
  ],
  ["/v1/x?text=hello&q=hello", "/v1/x?text=***&q=***"],
  ["/v1/x?note=what+is+said", "/v1/x?note=***"],
  ["/v1/x?anything=sk_0123456789", "/v1/x?anything=***"],
  [`/v1/x?${"a1".repeat(20)}=1`, "/v1/x?***"],
  ["/v1/text-to-speech/sk_0123456789/stream-input", "/v1/text-to-speech/***/stream-input"],
])("of %s nothing is shown that lets in or is to be said", (address, expected) => {
  expect(shown(address)).toBe(expected);
});
