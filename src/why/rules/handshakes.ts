import type { Course } from "../course.ts";
import type { Confidence, Finding, Rule } from "../finding.ts";
import type { WhyCauseId } from "../field-causes.ts";

type Guess = readonly [WhyCauseId, Confidence];

/** What an answer instead of 101 stands for where its body tells no more. */
const byStatus: Readonly<Record<number, readonly Guess[]>> = {
  200: [["proxy_no_upgrade", "likely"]],
  400: [
    ["invalid_handshake", "possible"],
    ["proxy_no_upgrade", "possible"],
    ["unsupported_model", "possible"],
  ],
  401: [
    ["invalid_api_key", "likely"],
    ["authentication_required", "possible"],
    ["quota_exceeded", "possible"],
  ],
  402: [["plan_required", "likely"]],
  403: [
    ["invalid_api_key", "possible"],
    ["missing_permission", "possible"],
    ["unsupported_model", "possible"],
    ["format_not_in_plan", "possible"],
  ],
  404: [["not_found", "likely"]],
  405: [
    ["method_not_allowed", "likely"],
    ["not_found", "possible"],
  ],
  408: [["request_timeout", "possible"]],
  410: [["model_retired", "likely"]],
  422: [
    ["invalid_body", "likely"],
    ["invalid_parameter", "possible"],
  ],
  426: [["proxy_no_upgrade", "likely"]],
  429: [
    ["too_many_concurrent_requests", "likely"],
    ["rate_limited", "possible"],
    ["server_busy", "possible"],
  ],
  431: [["headers_too_large", "likely"]],
  500: [["internal_error", "likely"]],
  502: [["proxy_no_upgrade", "likely"]],
  503: [
    ["shutting_down", "possible"],
    ["server_busy", "possible"],
    ["proxy_no_upgrade", "possible"],
  ],
  504: [["proxy_idle_timeout", "likely"]],
  520: [["proxy_no_upgrade", "likely"]],
  521: [["proxy_no_upgrade", "likely"]],
  522: [["proxy_idle_timeout", "likely"]],
  524: [["proxy_idle_timeout", "likely"]],
  525: [["proxy_no_upgrade", "likely"]],
};

const proxyWords =
  /nginx|cloudflare|cf-ray|<html|haproxy|\benvoy\b|varnish|cloudfront|\bELB\b|traefik|Bad Gateway|Gateway Time-?out|upstream/i;
/** A page that was printed below the refusal. */
const webPage = /<(?:html|head|title|center|h1)\b/i;
/** Not for the sockets of text-to-speech. */
const httpOnlyModel = /^eleven_v3$/;
const paidFormat = /^(?:pcm_44100|pcm_48000|wav_44100|wav_48000|mp3_44100_192)$/;

/** Reads what the address asked for together with the status that it was answered with. */
export const handshakes: Rule = (course) =>
  course.refusals.flatMap((refusal): Finding[] => {
    const { status, message, evidence } = refusal;
    if (status === undefined) return [];
    const found = (guesses: readonly Guess[]): Finding[] =>
      guesses.map(([cause, confidence]) => ({ cause, confidence, evidence: [evidence] }));
    const byProxy =
      proxyWords.test(message) ||
      proxyWords.test(evidence.text) ||
      course.logs.some(({ message: line }) => webPage.test(line));
    if (byProxy && [200, 400, 426, 502, 503].includes(status)) {
      return found([["proxy_no_upgrade", "certain"]]);
    }
    if (byProxy && status === 504) return found([["proxy_idle_timeout", "likely"]]);
    return found([
      ...byAddress(course, refusal, status),
      ...askedOverHttp(course, status),
      ...(byStatus[status] ?? []),
    ]);
  });

/** What the address itself explains. */
function byAddress(
  { query, path, route, vendor }: Course,
  refusal: Course["refusals"][number],
  status: number,
): readonly Guess[] {
  const isSocket = route === "stream-input" || route === "multi-stream-input";
  if (
    isSocket &&
    httpOnlyModel.test(query.get("model_id") ?? "") &&
    (status === 400 || status === 403)
  ) {
    return [["unsupported_model", "certain"]];
  }
  if (status === 401 && hasNoCredential(refusal.message)) {
    return [["authentication_required", "likely"]];
  }
  if (status === 403 && paidFormat.test(query.get("output_format") ?? "")) {
    return [["format_not_in_plan", "likely"]];
  }
  if (status === 404 && vendor === "elevenlabs" && path !== "" && !/\/v\d\//.test(path)) {
    return [["not_found", "certain"]];
  }
  const isHttpRoute =
    path !== "" &&
    vendor === "elevenlabs" &&
    /\/text-to-speech\/[^/]+(?:\/stream)?(?:\/with-timestamps)?$/.test(path);

  return isHttpRoute && status === 400 ? [["upgrade_not_possible", "likely"]] : [];
}

/** A socket's address that was asked with a plain HTTP request, as by curl or fetch. */
function askedOverHttp({ trace, path }: Course, status: number): readonly Guess[] {
  const isHttp =
    /^https?:/.test(trace.url ?? "") ||
    trace.events.some(({ evidence }) =>
      /\b(?:GET|POST) https?:|\bcurl\b|\bfetch\b|requests\.exceptions|Client Error:/.test(
        evidence.text,
      ),
    );
  const isSocketPath =
    /stream-input|\/tts\/live/.test(path) ||
    trace.events.some(({ evidence }) => /stream-input/.test(evidence.text));
  return isHttp &&
    isSocketPath &&
    (status === 426 || status === 400 || status === 404 || status === 405)
    ? [["upgrade_required", "likely"]]
    : [];
}

/** Whether the request is shown with its headers and has no credential in any of them. */
const hasNoCredential = (message: string): boolean =>
  message.includes("RequestInfo(") && !/authorization|xi-api-key|[?&]\w*token=/i.test(message);
