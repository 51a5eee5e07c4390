import fc from "fast-check";
import { expect, it } from "vitest";
import { quote, withoutKeys } from "./redact.ts";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from("0123456789abcdef")),
    minLength: length,
    maxLength: length,
  });
const base64Url = fc.string({
  unit: fc.constantFrom(
    ...Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
  ),
  minLength: 40,
  maxLength: 60,
});
const key = fc.oneof(
  hex(48).map((digits) => `sk_${digits}`),
  hex(32).filter((digits) => /\d/.test(digits)),
  base64Url.map((rest) => `eyJhbGciOiJIUzI1NiJ9.${rest}.${rest}`),
);

/** Places where keys were seen to stand. */
const places: readonly ((key: string) => string)[] = [
  (key) => key,
  (key) => `xi-api-key: ${key}`,
  (key) => `> xi-api-key: ${key}`,
  (key) => `{"text":" ","xi_api_key":"${key}"}`,
  (key) => String.raw`{"msg":"sent {\"text\":\" \",\"xi_api_key\":\"${key}\"}"}`,
  (key) => `{'xi-api-key': '${key}', 'text': ' '}`,
  (key) => `wss://h/v1/text-to-speech/v/stream-input?single_use_token=${key}&model_id=m`,
  (key) => `wss://h/v1/text-to-speech/v/stream-input?authorization=Bearer%20${key}`,
  (key) => `Authorization: Bearer ${key}`,
  (key) => `headers={'Authorization': 'Bearer ${key}'}`,
  (key) => `ELEVEN_API_KEY=${key}`,
  (key) => `api_key=${key}, voice=meher`,
  (key) => `The API key "${key}" is invalid.`,
];

it("never lets a key out, wherever it stands", () => {
  fc.assert(
    fc.property(
      key,
      fc.constantFrom(...places),
      fc.string(),
      fc.string(),
      (secret, place, a, b) => {
        const line = `${a} ${place(secret)} ${b}`;
        for (const shown of [withoutKeys(line), quote(line)]) {
          expect(shown).not.toContain(secret);
          expect(shown).not.toContain(secret.slice(-16));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

it.each([
  "received 1008 (policy violation) Invalid API key; then sent 1008",
  "context_id=3f2c9a52-8a54-4a0f-9d0e-0f3b1f6f0d11 close_context",
  "wss://api.elevenlabs.io/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/multi-stream-input?inactivity_timeout=180",
  "task_manager.py: token: None, max_tokens: 5000",
  "error missing_dynamic_variable_transfer",
])("leaves what is no key: %s", (line) => {
  expect(withoutKeys(line)).toBe(line);
});

it("shows little of what was said", () => {
  const long = "My account number is twelve thousand three hundred and forty five";
  for (const line of [
    `{"text": "${long}", "context_id": "a"}`,
    `{'text': '${long}'}`,
    `ElevenLabsTTSService#0: Generating TTS [${long}]`,
    `{"user_transcript":"${long}"}`,
  ]) {
    expect(quote(line)).toContain("My account number");
    expect(quote(line)).not.toContain("thousand");
  }
});

it("is no longer than a line or two, and one line", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (line) => {
      const shown = quote(line);
      expect(shown.length).toBeLessThanOrEqual(201);
      expect(shown).not.toMatch(/[\n\r]/);
    }),
  );
});
