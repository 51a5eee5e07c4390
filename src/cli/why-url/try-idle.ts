import { type Conversation, isEnd, isOpening } from "./conversation.ts";
import type { Prober } from "./prober.ts";
import { formatMs, notTried, type ReportRow } from "./report-row.ts";
import { readSpeechFrame } from "./speech-frames.ts";

const handshakeMs = 10_000;
/** A server that takes no small limit may close after its default. */
const longestWaitMs = 25_000;
/** How much longer than the silent socket another must live for its life to mean something. */
const outlivedShare = 1.5;
/** What a socket may be late by: the hosted service closes 0.8 s after its error frame. */
const closeDelayMs = 1200;

/** A socket that is silent, or does one thing again and again. */
interface Idler {
  readonly conversation: Conversation;
  readonly begunAtMs: number;
}

/**
 * Asks for the smallest limit on silence, on three sockets at once: one that is silent, one that
 * sends keep-alives, and one that sends WebSocket pings.
 */
export async function tryIdle(prober: Prober): Promise<ReportRow[]> {
  const { protocol, target, clock } = prober;
  const { idle } = protocol;
  if (!idle) return [];
  const name = `${idle.parameter}=${idle.leastSeconds}`;
  const limitMs = idle.leastSeconds * 1000;
  if (!prober.hasTimeFor(limitMs * outlivedShare + closeDelayMs)) {
    return [notTried(`silence with ${name}`, describeLimit(limitMs, prober))];
  }
  const url = new URL(target.url);
  url.searchParams.set(idle.parameter, String(idle.leastSeconds));
  const silent = await openIdler(url, prober);
  const [messaging, pinging] = await Promise.all([openIdler(url, prober), openIdler(url, prober)]);
  if (!silent || !messaging || !pinging) return [];
  const keepAlive = protocol.keepAlive(target.voice);
  const lastAtMs = clock.now() + prober.within(longestWaitMs);
  while (
    clock.now() < lastAtMs &&
    isUndecided(silent, [messaging, pinging], limitMs, clock.now())
  ) {
    await prober.sleep(Math.min(limitMs * 0.4, lastAtMs - clock.now()));
    if (keepAlive) messaging.conversation.send(keepAlive);
    pinging.conversation.ping();
  }
  const rows = [
    describeSilence(name, silent, limitMs, prober),
    ...(keepAlive
      ? [
          describeLife(
            name,
            JSON.stringify(withoutVoice(keepAlive)),
            messaging,
            silent,
            true,
            clock.now(),
          ),
        ]
      : []),
    describeLife(name, "WebSocket pings", pinging, silent, false, clock.now()),
  ];
  for (const { conversation } of [silent, messaging, pinging]) conversation.close();
  return rows;
}

async function openIdler(url: URL, prober: Prober): Promise<Idler | undefined> {
  const conversation = prober.open(url);
  if (!(await conversation.wait(isOpening, prober.within(handshakeMs)))) return undefined;
  for (const message of prober.protocol.greeting) conversation.send(message);
  return { conversation, begunAtMs: prober.clock.now() };
}

const livedMs = ({ conversation, begunAtMs }: Idler, nowMs: number): number =>
  (conversation.end?.atMs ?? nowMs) - begunAtMs;

/** Whether more time would tell more. */
function isUndecided(
  silent: Idler,
  others: readonly Idler[],
  limitMs: number,
  nowMs: number,
): boolean {
  if (!silent.conversation.end) return true;
  const enoughMs = Math.max(livedMs(silent, nowMs) * outlivedShare, limitMs + closeDelayMs);
  return others.some((other) => !other.conversation.end && livedMs(other, nowMs) < enoughMs);
}

function describeSilence(name: string, silent: Idler, limitMs: number, prober: Prober): ReportRow {
  const { protocol, clock } = prober;
  const { code } = protocol.documented.idleClose;
  const { conversation } = silent;
  const lived = livedMs(silent, clock.now());
  const closed = conversation.end?.end.kind === "closed" ? conversation.end.end : undefined;
  const isInTime = lived >= limitMs * 0.8 && lived <= limitMs + closeDelayMs + limitMs * 0.2;
  const isAsDocumented = closed !== undefined && (code === undefined || closed.code === code);
  return {
    what: `silence with ${name}`,
    documented: describeLimit(limitMs, prober),
    seen: closed
      ? `after ${formatMs(lived)}: ${describeEnd(conversation)}`
      : `still open after ${formatMs(lived)}`,
    differs: !isInTime || !isAsDocumented,
  };
}

const describeLimit = (limitMs: number, { protocol }: Prober): string =>
  `after ${formatMs(limitMs)}: ${protocol.documented.idleClose.says}`;

/** The error frame, if there is one, and the Close frame. */
function describeEnd(conversation: Conversation): string {
  const told = conversation.heard
    .flatMap((each) => (each.type === "message" ? [readSpeechFrame(each.data).told] : []))
    .find((each) => each !== undefined);
  const end = conversation.end?.end;
  const words = told ? [told.codes[0] ?? "an error frame"] : ["no error frame"];
  if (end?.kind === "closed") words.push(`close ${end.code}`);
  return words.join(", ");
}

function describeLife(
  name: string,
  what: string,
  other: Idler,
  silent: Idler,
  prolongs: boolean,
  nowMs: number,
): ReportRow {
  const silentEnd = silent.conversation.end;
  const otherEnd = other.conversation.end;
  const otherMs = otherEnd && otherEnd.atMs - other.begunAtMs;
  const silentMs = silentEnd && silentEnd.atMs - silent.begunAtMs;
  const documented = prolongs ? "keeps it open" : "does not keep it open";
  const row = (seen: string, differs: boolean): ReportRow => ({
    what: `${what} with ${name}`,
    documented,
    seen,
    differs,
  });
  if (silentMs === undefined) return row("cannot be told: silence does not close it", false);
  if (otherMs === undefined) {
    const isOutlived = livedMs(other, nowMs) > silentMs * outlivedShare;
    return isOutlived
      ? row("keeps it open", !prolongs)
      : row("cannot be told: no time left", false);
  }
  const isProlonged = otherMs > silentMs * outlivedShare;
  const seen = isProlonged ? "keeps it open for longer" : "does not keep it open";
  return row(`${seen}: closed after ${formatMs(otherMs)}`, isProlonged !== prolongs);
}

function withoutVoice(message: object): object {
  const { voice_id: _, ...shown } = message as { voice_id?: string };
  return shown;
}

/** A limit of seconds, and what a server needs to act on it. */
const ownLimitMs = (seconds: number): number => seconds * 1000 + closeDelayMs + seconds * 100;

/**
 * Waits for the limit that the address has by itself, where the patience is enough for it; begun
 * beside the other trials, because it may take long.
 */
export async function tryOwnLimit(prober: Prober): Promise<ReportRow | undefined> {
  const { target, protocol, clock } = prober;
  const { idleSeconds } = target;
  if (idleSeconds === undefined || !protocol.idle) return undefined;
  const what = "silence as the address has it";
  const documented = describeLimit(idleSeconds * 1000, prober);
  const neededMs = ownLimitMs(idleSeconds);
  if (!prober.hasTimeFor(neededMs)) {
    const seconds = Math.round(prober.patienceMs / 1000);
    const seen = `not waited for: longer than the ${seconds} s of --patience allow`;
    return { what, documented, seen, differs: false };
  }
  const idler = await openIdler(target.url, prober);
  if (!idler) return undefined;
  const { conversation } = idler;
  await conversation.wait(isEnd, prober.within(neededMs));
  const lived = livedMs(idler, clock.now());
  const isClosed = conversation.end !== undefined;
  const isInTime = isClosed && lived >= idleSeconds * 900;
  conversation.close();
  return {
    what,
    documented,
    seen: isClosed
      ? `after ${formatMs(lived)}: ${describeEnd(conversation)}`
      : `still open after ${formatMs(lived)}`,
    differs: !isInTime,
  };
}
