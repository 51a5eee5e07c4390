import type { RecordedCauseId } from "../../protocol/causes.ts";
import { byContexts } from "./by-contexts.ts";
import { byCredentials } from "./by-credentials.ts";
import { byFaults } from "./by-faults.ts";
import { byGoing } from "./by-going.ts";
import { byLimits } from "./by-limits.ts";
import { byMessages } from "./by-messages.ts";
import { byRecords } from "./by-records.ts";
import { byRequests } from "./by-requests.ts";
import { byWire } from "./by-wire.ts";
import type { Reproduction } from "./reproduction.ts";

/** How each cause of the catalogue is brought about. */
export const reproductions: Readonly<Record<RecordedCauseId, Reproduction>> = {
  ...byMessages,
  ...byGoing,
  ...byContexts,
  ...byCredentials,
  ...byLimits,
  ...byRequests,
  ...byRecords,
  ...byWire,
  ...byFaults,
};
