import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { causeIds } from "../../src/protocol/causes.ts";
import { fieldCauses, type WhyCauseId } from "../../src/why/field-causes.ts";
import { type Framework, frameworks, type Vendor } from "../../src/why/trace.ts";

/** The two parts of the corpus. Rules are made for the first; the second is only scored. */
export const traceSets = ["tuning", "held-out"] as const;
export type TraceSet = (typeof traceSets)[number];

/** What is known of one trace of the corpus; test/data/traces/README.md says more of each member. */
export interface TraceLabel {
  readonly file: string;
  /** Null where the trace does not show enough to explain it. */
  readonly cause: WhyCauseId | null;
  /** Only where two causes are honestly right. */
  readonly alsoRight: readonly WhyCauseId[];
  /** From a public report, or recorded while a real client ran into the fault. */
  readonly origin: "report" | "run";
  readonly source: string | null;
  readonly framework: Framework | null;
  readonly vendor: Vendor | null;
  readonly note: string;
}

const knownCauses = new Set<string>([...causeIds, ...Object.keys(fieldCauses)]);
const causeSchema = z.custom<WhyCauseId>(
  (value) => typeof value === "string" && knownCauses.has(value),
  "is no cause of the catalogue or of the field",
);

const labelSchema: z.ZodType<TraceLabel> = z
  .strictObject({
    file: z.string().regex(/^[a-z0-9-]+\.(?:log|har|json)$/),
    cause: causeSchema.nullable(),
    alsoRight: z.array(causeSchema),
    origin: z.enum(["report", "run"]),
    source: z.url({ protocol: /^https$/ }).nullable(),
    framework: z.enum(frameworks).nullable(),
    vendor: z.enum(["elevenlabs", "elevenlabs-agents", "waves"]).nullable(),
    note: z.string().min(1),
  })
  .refine(({ origin, source }) => origin === "run" || source !== null, "a report has a source")
  .refine(({ cause, alsoRight }) => cause === null || !alsoRight.includes(cause), "said twice")
  .refine(({ cause, alsoRight }) => cause !== null || alsoRight.length === 0, "nothing is right");

const corpusFolder = fileURLToPath(new URL("../data/traces", import.meta.url));
const labelFile = "labels.json";

/** The labels of a set, in the order of its file. */
export function readLabels(set: TraceSet): TraceLabel[] {
  const json: unknown = JSON.parse(readFileSync(`${corpusFolder}/${set}/${labelFile}`, "utf8"));
  return z.array(labelSchema).parse(json);
}

/** The names of the traces that lie in the folder of a set. */
export function traceFiles(set: TraceSet): string[] {
  return readdirSync(`${corpusFolder}/${set}`).filter((name) => name !== labelFile);
}

/** A trace as whoever asked has pasted it. */
export function readTraceFile(set: TraceSet, file: string): Buffer {
  return readFileSync(`${corpusFolder}/${set}/${file}`);
}

/** Which set a trace belongs to: by its name, so that nobody chooses by what is in it. */
export function setOf(file: string): TraceSet {
  const firstByte = createHash("sha256").update(file).digest()[0] ?? 0;
  return firstByte % 5 === 0 ? "held-out" : "tuning";
}
