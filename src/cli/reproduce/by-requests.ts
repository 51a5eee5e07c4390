import {
  asking,
  posting,
  type ReproductionsOf,
  sending,
  sentence,
  speechPath,
  streamInputPath,
} from "./reproduction.ts";

/** Longer than any model takes. */
const endlessText = "a".repeat(50_000);

/** Requests and upgrades that ask for what cannot be had, or not in this way. */
export const byRequests: ReproductionsOf<
  | "engine_not_installed"
  | "model_not_found"
  | "model_retired"
  | "unsupported_model"
  | "unsupported_parameter"
  | "invalid_output_format"
  | "invalid_parameter"
  | "invalid_body"
  | "text_empty"
  | "text_too_long"
  | "not_found"
  | "method_not_allowed"
  | "upgrade_required"
  | "upgrade_not_possible"
  | "unsupported_media_type"
  | "form_expected"
> = {
  engine_not_installed: posting(
    "A client asks for a voice of an engine whose package is not installed.",
    "/v1/text-to-speech/espeak-en-us",
    { text: sentence },
  ),
  model_not_found: posting("A client asks for a model that does not exist.", speechPath, {
    text: sentence,
    model_id: "eleven_nonesuch",
  }),
  model_retired: posting(
    "A client of Waves asks for a retired model of a server that refuses those.",
    "/waves/v1/lightning-v2/get_speech",
    { text: sentence, voice_id: "tone" },
    { flags: { wavesRetiredModels: "refuse" } },
  ),
  unsupported_model: sending(
    "A client opens a socket with eleven_v3.",
    `${streamInputPath}?model_id=eleven_v3`,
    [],
  ),
  unsupported_parameter: posting("A client gives eleven_v3 a previous_text.", speechPath, {
    text: sentence,
    model_id: "eleven_v3",
    previous_text: "Before.",
  }),
  invalid_output_format: posting(
    "A client asks for a format that there is not.",
    `${speechPath}?output_format=flac_44100`,
    { text: sentence },
  ),
  invalid_parameter: sending(
    "A client opens a socket with an inactivity_timeout that is no number.",
    `${streamInputPath}?inactivity_timeout=soon`,
    [],
  ),
  invalid_body: posting("A client sends a number where text should be.", speechPath, { text: 5 }),
  text_empty: posting("A client asks for blanks to be spoken.", speechPath, { text: "  " }),
  text_too_long: posting("A client asks for more text than its model takes.", speechPath, {
    text: endlessText,
  }),
  not_found: asking("A client asks for a path that there is not.", "/v1/nowhere"),
  method_not_allowed: asking("A client puts something where it can only ask.", "/health", {
    method: "PUT",
  }),
  upgrade_required: asking("A client asks for a socket's path over plain HTTP.", streamInputPath),
  upgrade_not_possible: sending("A client opens a socket at an HTTP endpoint.", "/v1/voices", []),
  unsupported_media_type: asking("A client sends plain text in place of JSON.", speechPath, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: sentence,
  }),
  form_expected: posting(
    "A client sends JSON where a form is expected.",
    "/v1/pronunciation-dictionaries/add-from-file",
    { name: "names" },
  ),
};
