import type { Clock } from "../clock.ts";
import { createFailoverEngine, type FailoverOptions } from "./failover/failover.ts";
import { createRemoteEngine } from "./remote/remote.ts";
import { RemoteVoices } from "./remote/remote-voices.ts";
import type { RemoteOptions } from "./remote/upstreams.ts";
import type { Engine } from "./synthesizer.ts";

/** What engines for `voice.json` are made of. */
export interface FolderEngineOptions extends Pick<RemoteOptions, "env" | "patience"> {
  readonly clock: Clock;
  /** Those whose voices such a file may name. */
  readonly engines: readonly Engine[];
  readonly onUpstreamFailure?: RemoteOptions["onFailure"];
  readonly onFailover?: FailoverOptions["onFailover"];
}

/** The engines of voices that a `voice.json` describes: other servers, and several in order. */
export function createFolderEngines(options: FolderEngineOptions): readonly Engine[] {
  const { clock, env, patience, engines, onUpstreamFailure, onFailover } = options;
  const remote = new RemoteVoices({
    clock,
    env,
    ...(patience && { patience }),
    ...(onUpstreamFailure && { onFailure: onUpstreamFailure }),
  });
  const servers = [createRemoteEngine("openai", remote), createRemoteEngine("elevenlabs", remote)];
  const failover = createFailoverEngine({
    clock,
    remote,
    engines: [...engines, ...servers],
    ...(onFailover && { onFailover }),
  });
  return [...servers, failover];
}
