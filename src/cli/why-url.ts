import { type Clock, wakefulClock } from "../clock.ts";
import { checkUrl, type UrlReport } from "../why/check-url.ts";
import { showable } from "../why/url/showable.ts";
import { readAddress, showHost } from "../why/url/address.ts";
import { UsageError } from "./errors.ts";
import { printJson } from "./table.ts";
import { reportAsJson, reportAsText, type WhyUrlReport } from "./why-url/print-report.ts";
import { openProbeSocket, type OpenProbeSocket } from "./why-url/probe-socket.ts";
import { sentence } from "./why-url/probed-protocols.ts";
import { probe } from "./why-url/probe.ts";
import type { ProbeTarget } from "./why-url/prober.ts";
import { createCleaner } from "./why-url/server-words.ts";
import { judgeAddress, judgeProbe } from "./why-url/verdict.ts";

/** How `syrinx why --url` is called. */
export interface WhyUrlOptions {
  readonly url: string;
  /** Name of the environment variable that holds the key. */
  readonly keyEnv?: string | undefined;
  /** Seconds after which everything is over. */
  readonly patience?: string | undefined;
  /** For sockets whose address names none. */
  readonly voice?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What an examination works with; tests hand in their own. */
export interface WhyUrlParts {
  readonly clock: Clock;
  readonly openSocket: OpenProbeSocket;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told what it costs, before anybody is asked. */
  readonly tell: (line: string) => void;
  /** Told what is about to be done. */
  readonly onStep: (step: string) => void;
}

const usualPatience = "30";
const longestPatienceSeconds = 3600;
/** A voice of Waves that its documents name. */
const usualVoice = "meher";

/** Examines the address of a speech socket, prints what was found, and sets the exit code. */
export async function whyUrl(options: WhyUrlOptions): Promise<void> {
  const isShown = process.stderr.isTTY;
  const report = await examineUrl(options, {
    clock: wakefulClock,
    openSocket: openProbeSocket,
    env: process.env,
    tell: (line) => process.stderr.write(`${line}\n`),
    onStep: (step) => {
      if (isShown) process.stderr.write(`Trying ${step}.\n`);
    },
  });
  if (options.json === true) printJson(reportAsJson(report));
  else process.stdout.write(reportAsText(report));
  if (!report.verdict.isExplained) process.exitCode = 1;
}

/** Looks at an address, and tries it unless told otherwise. @throws {UsageError} */
export async function examineUrl(
  { url: text, keyEnv, patience = usualPatience, voice = usualVoice, dryRun }: WhyUrlOptions,
  { clock, openSocket, env, tell, onStep }: WhyUrlParts,
): Promise<WhyUrlReport> {
  const { url } = readAddress(text);
  if (!url) {
    throw new UsageError("--url must be the address of a speech socket, such as wss://host/v1/...");
  }
  const patienceMs = readPatience(patience) * 1000;
  const key = keyEnv === undefined ? undefined : readKey(keyEnv, env);
  const address = checkUrl(text);
  const { vendor, route, idleSeconds } = address;
  if (dryRun === true || !vendor || !route) {
    return { address, findings: address.findings, rows: undefined, verdict: judgeAddress(address) };
  }
  tell(describeCost(address, url));
  // A key must not go in the clear to where only encrypted connections are taken.
  const sent = address.isHosted && url.protocol === "ws:" ? undefined : key;
  const target: ProbeTarget = { url, vendor, route, voice, key: sent, idleSeconds };
  const result = await probe(target, { clock, openSocket, patienceMs }, onStep);
  const clean = createCleaner(url, key);
  const hadKey = key !== undefined || address.credential !== "none";
  return {
    address,
    findings: address.findings,
    rows: result.rows.map((row) => ({ ...row, seen: shorten(clean(row.seen)) })),
    verdict: judgeProbe(result, address, hadKey, clean),
  };
}

/** Servers may name members of their frames as they like. */
const maxSeenChars = 200;

const shorten = (text: string): string =>
  text.length > maxSeenChars ? `${text.slice(0, maxSeenChars)}…` : text;

function describeCost({ isHosted }: UrlReport, url: URL): string {
  const charge = isHosted ? "which are charged" : "which a paid service charges";
  return `This opens some sockets at ${showHost(url)} and has ${sentence.length} characters spoken, ${charge}; --dry-run only looks at the address.`;
}

function readPatience(text: string): number {
  const seconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 1 && seconds <= longestPatienceSeconds) return seconds;
  throw new UsageError(
    `--patience must be a number of seconds from 1 to ${longestPatienceSeconds}.`,
  );
}

/** The key goes through the environment: a command line is seen by others, and kept in histories. */
function readKey(name: string, env: WhyUrlParts["env"]): string {
  if (!/^[A-Za-z_]\w*$/.test(name) || showable(name) === undefined) {
    throw new UsageError(
      "--key-env must be the name of an environment variable, such as ELEVENLABS_API_KEY, not the key.",
    );
  }
  const key = env[name];
  if (key === undefined || key === "") {
    throw new UsageError(`--key-env names ${name}, and the environment has no such variable.`);
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(
    `The key in ${name} has blanks or characters that no header takes, often at its end: set it anew.`,
  );
}
