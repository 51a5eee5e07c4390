import { nearestName } from "./nearest-name.ts";
import { quoted, showable } from "./showable.ts";
import { error, note, type UrlFinding, type UrlSubject, warning } from "./finding.ts";
import type { ValueRule } from "./parameters.ts";
import {
  elevenLabsFormats,
  elevenLabsIdleSeconds,
  elevenLabsOtherModels,
  elevenLabsSocketModels,
  formerFormats,
  likelyFormats,
  plainWavesModel,
  retiredWavesModels,
  wavesModels,
} from "./vendor-values.ts";

/** What is wrong with the value of a parameter. */
type Check<Kind extends ValueRule["kind"]> = (
  name: string,
  value: string,
  rule: Extract<ValueRule, { kind: Kind }>,
  subject: UrlSubject,
) => readonly UrlFinding[];

const checks: { readonly [Kind in ValueRule["kind"]]: Check<Kind> } = {
  boolean: checkBoolean,
  number: checkNumber,
  choice: checkChoice,
  format: checkFormat,
  model: checkModel,
  language: checkLanguage,
  voice: () => [],
  text: () => [],
  credential: checkCredential,
};

export function checkValue(
  name: string,
  value: string,
  rule: ValueRule,
  subject: UrlSubject,
): readonly UrlFinding[] {
  const check = checks[rule.kind] as Check<ValueRule["kind"]>;
  return check(name, value, rule, subject);
}

function checkBoolean(name: string, value: string): readonly UrlFinding[] {
  if (/^(?:true|false|1|0)$/i.test(value)) return [];
  return [
    error(
      name,
      `It is ${quoted(value)}, which is neither true nor false.`,
      "Write true or false.",
      "invalid_parameter",
    ),
  ];
}

const numberPattern = /^[+-]?\d+(?:\.\d*)?$/;

function checkNumber(
  name: string,
  value: string,
  rule: Extract<ValueRule, { kind: "number" }>,
  subject: UrlSubject,
): readonly UrlFinding[] {
  const { min, max, unit } = rule;
  const range = Number.isFinite(max) ? `from ${min} to ${max}` : `from ${min}`;
  const expected = `a ${rule.isWhole ? "whole " : ""}number${unit ? ` of ${unit}` : ""} ${range}`;
  if (!numberPattern.test(value)) {
    const isWaves = subject.vendor === "waves" && name === "timeout";
    const what = `It is ${quoted(value)}, which is no number${isWaves ? ", and counts as absent" : ""}.`;
    return [error(name, what, `Write ${expected}.`, "invalid_parameter")];
  }
  if (name === "inactivity_timeout") return checkIdle(Number(value));
  if (name === "timeout") return checkWavesIdle(value);
  const given = Number(value);
  if (given < min || given > max) {
    return [warning(name, `It is ${given}, outside what is documented.`, `Write ${expected}.`)];
  }
  if (rule.isWhole && !Number.isInteger(given)) {
    return [warning(name, `It is ${given}.`, `Write ${expected}.`)];
  }
  return [];
}

function checkIdle(seconds: number): readonly UrlFinding[] {
  const { min, max } = elevenLabsIdleSeconds;
  const name = "inactivity_timeout";
  if (seconds < min) {
    return [
      error(
        name,
        `${seconds} does not turn the limit off: there is no documented value that does, and Syrinx takes ${min} second.`,
        `Write up to ${max}, and send {"text":" "} (on multi-stream-input {"text":""}) in longer pauses.`,
        "input_timeout",
      ),
    ];
  }
  if (seconds > max) {
    const isMs = seconds >= 1000 ? " It is in seconds, not milliseconds." : "";
    return [
      warning(
        name,
        `${seconds} is more than the documented maximum of ${max}: Syrinx takes ${max}, and nobody promises more.${isMs}`,
        `Write ${max} at most, and send a keep-alive in longer pauses.`,
        "input_timeout",
      ),
    ];
  }
  return [];
}

function checkWavesIdle(value: string): readonly UrlFinding[] {
  const name = "timeout";
  if (!/^\d+$/.test(value) || Number(value) < 1) {
    return [
      warning(
        name,
        `${showable(value) ?? "It"} is no positive whole number, and counts as absent.`,
        "Write a whole number of seconds; without it the limit is 60.",
        "input_timeout",
      ),
    ];
  }
  if (Number(value) >= 20 && Number(value) <= 60) return [];
  return [
    note(
      name,
      "Older documents of the vendor allow 20 to 60 only; newer ones any positive whole number.",
      "See below what this server does; send a blank text in longer pauses.",
    ),
  ];
}

function checkChoice(
  name: string,
  value: string,
  { values }: Extract<ValueRule, { kind: "choice" }>,
): readonly UrlFinding[] {
  if (values.includes(value)) return [];
  return [
    error(
      name,
      `It is ${quoted(value)}.`,
      `Write ${values.length > 1 ? "one of " : ""}${values.join(", ")}.`,
      "invalid_parameter",
    ),
  ];
}

function checkFormat(
  name: string,
  value: string,
  _rule: ValueRule,
  { isHosted }: UrlSubject,
): readonly UrlFinding[] {
  const found = elevenLabsFormats.find((format) => format.name === value);
  if (found?.plan !== undefined && isHosted) {
    const what = `The hosted service gives ${found.name} to the plan ${found.plan} and above only.`;
    return [note(name, what, "See that the key's plan has it.", "format_not_in_plan")];
  }
  if (found?.isUnlisted && isHosted) {
    const what = `The documents of the sockets do not name ${found.name}, those of HTTP do.`;
    return [note(name, what, "If it is refused, use a format of the sockets' own list.")];
  }
  if (found) return [];
  const former = Object.hasOwn(formerFormats, value) ? formerFormats[value] : undefined;
  if (former !== undefined) {
    return [note(name, `${quoted(value)} is an older name.`, `Write ${former}.`)];
  }
  const isWav = /^wav/i.test(value);
  const likely = isWav
    ? value.replace(/^wav/i, "pcm")
    : Object.hasOwn(likelyFormats, value.toLowerCase())
      ? likelyFormats[value.toLowerCase()]
      : undefined;
  const names = elevenLabsFormats.map((format) => format.name);
  const meant = likely !== undefined && names.includes(likely) ? likely : nearestName(value, names);
  const what = isWav
    ? "WAV exists on the whole-file endpoints of HTTP only: a stream has no header with its length."
    : `${quoted(value, "It")} is no format of the sockets.`;
  const advice = `Write ${meant ?? "codec_samplerate or codec_samplerate_bitrate, such as mp3_44100_128, pcm_24000, ulaw_8000"}.`;
  return [error(name, what, advice, "invalid_output_format")];
}

function checkModel(name: string, value: string): readonly UrlFinding[] {
  if (elevenLabsSocketModels.includes(value)) return [];
  if (Object.hasOwn(elevenLabsOtherModels, value)) {
    return [
      error(
        name,
        `${value} does not speak on the text-to-speech sockets, only ${elevenLabsOtherModels[value]}.`,
        "Use eleven_flash_v2_5 or eleven_multilingual_v2 here.",
        "unsupported_model",
      ),
    ];
  }
  const waves = [...wavesModels, ...retiredWavesModels];
  if (waves.includes(plainWavesModel(value))) {
    return [
      error(
        name,
        `${quoted(value)} is a model of Waves, and this is a socket of ElevenLabs.`,
        "Use a model of ElevenLabs, such as eleven_flash_v2_5, or a socket of Waves.",
        "model_not_found",
      ),
    ];
  }
  const near = nearestName(value, elevenLabsSocketModels);
  const what = `${quoted(value, "It")} is no model that the documents name.`;
  return near === undefined
    ? [warning(name, what, "List the models with GET /v1/models.", "model_not_found")]
    : [error(name, what, `Write ${near}.`, "model_not_found")];
}

function checkLanguage(name: string, value: string): readonly UrlFinding[] {
  if (/^[a-z]{2,3}$/.test(value)) return [];
  const [language = ""] = value.toLowerCase().split(/[-_]/);
  const advice = /^[a-z]{2,3}$/.test(language)
    ? `Write ${language}.`
    : "Write the two letters of ISO 639-1, such as en.";
  return [warning(name, `${quoted(value, "It")} is no code of ISO 639-1.`, advice)];
}

function checkCredential(
  name: string,
  _value: string,
  { isShortLived }: Extract<ValueRule, { kind: "credential" }>,
  { vendor }: UrlSubject,
): readonly UrlFinding[] {
  if (isShortLived) {
    const what = "A single-use token is good for one connection, and for 15 minutes.";
    return [note(name, what, "Mint a new one for every connection.")];
  }
  const header = vendor === "waves" ? "Authorization: Bearer" : "xi-api-key";
  return [
    warning(
      name,
      "A key in an address ends in the logs of servers and proxies, and in a browser's history.",
      `Send it as the header ${header}; browsers, which cannot, need a token that is good once.`,
    ),
  ];
}
