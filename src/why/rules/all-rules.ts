import type { Rule } from "../finding.ts";
import { plainOnTls, wrongParameter } from "./addresses.ts";
import { toolResults } from "./agents.ts";
import { closings } from "./closings.ts";
import { laterSettings, silentContexts, silentStream, sixthContext } from "./contexts.ts";
import { handshakes } from "./handshakes.ts";
import { ownLog, reconnectLoop } from "./loops.ts";
import { closesSocket, streamEnds } from "./stream-ends.ts";
import { forgottenByProxy, proxyTimer } from "./proxy-timers.ts";
import { firstAudio, greatestAge, idleTimer } from "./timers.ts";
import { words } from "./words.ts";

/** All rules. Of causes that are equally sure the one of the earlier rule comes first. */
export const rules: readonly Rule[] = [
  ownLog,
  wrongParameter,
  laterSettings,
  sixthContext,
  streamEnds,
  toolResults,
  words,
  plainOnTls,
  handshakes,
  silentContexts,
  silentStream,
  closesSocket,
  proxyTimer,
  forgottenByProxy,
  idleTimer,
  greatestAge,
  firstAudio,
  closings,
  reconnectLoop,
];
