import { type NetworkFailure, networkFailures } from "../lines/network-lines.ts";
import type { WhyCauseId } from "../field-causes.ts";
import type { WordsRow } from "./words-row.ts";

const causes: Readonly<Record<NetworkFailure, WhyCauseId>> = {
  encryptedToPlain: "tls_on_plain_port",
  untrusted: "certificate_not_trusted",
  plainToEncrypted: "plain_on_tls_port",
  refused: "connection_refused",
  unresolved: "name_not_found",
  unreachable: "network_unreachable",
};

/** What systems and libraries say where no connection came about. */
export const networkWords: readonly WordsRow[] = Object.entries(networkFailures).map(
  ([failure, words]) => ({ cause: causes[failure as NetworkFailure], words }),
);

/** What proxies write to their own logs. */
export const proxyWords: readonly WordsRow[] = [
  {
    cause: "proxy_idle_timeout",
    words:
      /upstream timed out[^]{0,80}while (?:proxying upgraded|reading)|\bstream idle timeout\b|\bbackend_timeout\b/i,
  },
];
