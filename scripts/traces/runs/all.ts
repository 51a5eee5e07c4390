import type { Run } from "../run.ts";
import { accountRuns } from "./accounts.ts";
import { addressRuns } from "./addresses.ts";
import { contextRuns } from "./contexts.ts";
import { cutRuns } from "./cuts.ts";
import { endRuns } from "./ends.ts";
import { limitRuns } from "./limits.ts";
import { messageRuns } from "./messages.ts";
import { networkRuns } from "./network.ts";
import { requestRuns } from "./requests.ts";
import { rightRuns } from "./rights.ts";
import { serverRuns } from "./server.ts";
import { timerRuns } from "./timers.ts";
import { wavesRuns } from "./waves.ts";

/** Every run, by what is brought about. */
export const runs: readonly Run[] = [
  ...timerRuns,
  ...messageRuns,
  ...contextRuns,
  ...endRuns,
  ...accountRuns,
  ...rightRuns,
  ...limitRuns,
  ...requestRuns,
  ...addressRuns,
  ...networkRuns,
  ...cutRuns,
  ...serverRuns,
  ...wavesRuns,
];
