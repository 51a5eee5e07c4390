import { vendorOf } from "./marks.ts";
import { addressWithoutKeys, quote, withoutKeys } from "./redact.ts";
import { type Framework, frameworks, type Trace, type TraceEvent, type Vendor } from "./trace.ts";

type Json = Readonly<Record<string, unknown>>;

const vendors: readonly Vendor[] = ["elevenlabs", "elevenlabs-agents", "waves"];

/** Whether a JSON document is one or several traces as this project writes them. */
export const isJsonTrace = (document: unknown): boolean =>
  (Array.isArray(document) ? document : [document]).some(
    (one) => typeof one === "object" && one !== null && (one as Json)["syrinxTrace"] === 1,
  );

/** Reads traces written as `{ "syrinxTrace": 1, "events": [...] }`, each event as in `TraceEvent`. */
export function readJsonTraces(document: unknown): Trace[] {
  return (Array.isArray(document) ? document : [document]).flatMap((one: unknown) =>
    typeof one === "object" && one !== null ? readTrace(one as Json) : [],
  );
}

function readTrace({ vendor, framework, url, events }: Json): Trace {
  const safeUrl = typeof url === "string" ? addressWithoutKeys(url) : undefined;
  const list: readonly unknown[] = Array.isArray(events) ? events : [];
  return {
    vendor: vendors.find((one) => one === vendor) ?? vendorOf(safeUrl ?? ""),
    framework: frameworks.find((one: Framework) => one === framework),
    url: safeUrl,
    events: list.flatMap((event) =>
      typeof event === "object" && event !== null ? (readEvent(event as Json) ?? []) : [],
    ),
  };
}

const maxDataChars = 4000;
const textOf = (value: unknown): string =>
  typeof value === "string" ? withoutKeys(value.slice(0, maxDataChars)) : "";
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const sideOf = (value: unknown): "client" | "server" | undefined =>
  value === "client" || value === "server" ? value : undefined;

function readEvent(event: Json): TraceEvent | undefined {
  const { type } = event;
  const place = {
    atMs: numberOf(event["atMs"]),
    evidence: { line: undefined, text: quote(JSON.stringify(event)) },
  };
  switch (type) {
    case "connecting":
      return { ...place, type, url: textOf(event["url"]) };
    case "open":
      return { ...place, type };
    case "handshake_failed":
      return {
        ...place,
        type,
        status: numberOf(event["status"]),
        message: textOf(event["message"]),
      };
    case "sent":
    case "received":
      return {
        ...place,
        type,
        data: dataOf(event["data"]),
        sizeBytes: numberOf(event["sizeBytes"]),
      };
    case "ping":
    case "pong":
      return { ...place, type, by: sideOf(event["by"]) ?? "client" };
    case "close":
      return {
        ...place,
        type,
        code: codeOf(event["code"]),
        reason: textOf(event["reason"]),
        by: sideOf(event["by"]) ?? "unknown",
      };
    case "log":
      return {
        ...place,
        type,
        level: typeof event["level"] === "string" ? event["level"] : undefined,
        message: textOf(event["message"]),
      };
    default:
      return undefined;
  }
}

const codeOf = (value: unknown): number | undefined => {
  const code = numberOf(value);
  return code !== undefined && code >= 1000 && code < 5000 ? code : undefined;
};

/** A message's text; one that was written as JSON within the trace is as good. */
function dataOf(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) return textOf(JSON.stringify(value));
  return typeof value === "string" ? textOf(value) : undefined;
}
