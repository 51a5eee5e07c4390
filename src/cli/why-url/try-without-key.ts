import { isEnd, isOpening } from "./conversation.ts";
import type { Prober } from "./prober.ts";
import { notTried, type ReportRow } from "./report-row.ts";
import { readSpeechFrame } from "./speech-frames.ts";

const what = "without a key";
const handshakeMs = 10_000;
/** A refusal in a frame comes with the first message, or never. */
const refusalMs = 1500;

/**
 * What the server says to whoever shows no key. Undefined where it does not matter: there is no key
 * to compare with, or nothing answers.
 */
export async function tryWithoutKey(prober: Prober): Promise<ReportRow | undefined> {
  if (!prober.hasCredential) return undefined;
  const { protocol } = prober;
  const { withoutKey: documented } = protocol.documented;
  if (!prober.hasTimeFor(refusalMs)) return notTried(what, documented);
  const conversation = prober.openNameless();
  await conversation.wait((heard) => isOpening(heard) || isEnd(heard), prober.within(handshakeMs));
  const row = (seen: string, differs: boolean): ReportRow => ({
    what,
    documented,
    seen,
    differs,
  });
  const refused = conversation.end?.end;
  if (refused?.kind === "refused") {
    const isDocumented = documented.startsWith(String(refused.status));
    return row(`${refused.status} instead of 101`, !isDocumented);
  }
  // It was reached a moment ago: this says nothing of keys.
  if (refused?.kind === "unreachable" || !conversation.opened) return undefined;
  for (const message of protocol.greeting) conversation.send(message);
  await conversation.wait(isEnd, prober.within(refusalMs));
  const told = conversation.heard
    .flatMap((each) => (each.type === "message" ? [readSpeechFrame(each.data).told] : []))
    .find((each) => each !== undefined);
  const closed = conversation.end?.end;
  conversation.drop();
  const words = [
    "101",
    ...(told ? [told.codes[0] ?? "an error"] : []),
    ...(closed?.kind === "closed" ? [`close ${closed.code}`] : []),
  ];
  if (!told && !closed) return row("101 and no refusal: no key is asked for", true);
  const seen = `${words[0]}, then ${words.slice(1).join(", ")}`;
  return row(seen, documented !== seen);
}
