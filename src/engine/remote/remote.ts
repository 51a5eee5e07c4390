import type { Voice } from "../../protocol/voice.ts";
import type { Engine } from "../synthesizer.ts";
import { identify } from "../voice-identity.ts";
import type { UpstreamManifest, VoiceFolder } from "../voice-folders.ts";
import { patientRetries } from "./retries.ts";
import type { RemoteVoices } from "./remote-voices.ts";

/** The only server of a voice that has one, if it speaks this protocol. */
function upstreamOf(
  { manifest: { engines } }: VoiceFolder,
  protocol: UpstreamManifest["engine"],
): UpstreamManifest | undefined {
  const [only, ...others] = engines ?? [];
  return only && "engine" in only && only.engine === protocol && others.length === 0
    ? only
    : undefined;
}

/** The voices that one other server speaks, through this protocol. */
export function createRemoteEngine(
  protocol: UpstreamManifest["engine"],
  remote: RemoteVoices,
): Engine {
  let voices: readonly Voice[] = [];
  return {
    name: protocol,
    streams: true,
    isDeterministic: false,
    get voices() {
      return voices;
    },
    get upstreams() {
      return remote.upstreamsOf(voices);
    },
    refresh({ folders }) {
      const found = folders.flatMap((folder) => {
        const manifest = upstreamOf(folder, protocol);
        if (!manifest) return [];
        const description = "Spoken by another server.";
        const voice = remote.add(identify(folder, { description }), manifest);
        return [typeof voice === "string" ? { name: folder.name, reason: voice } : voice];
      });
      voices = found.flatMap((each) => ("reason" in each ? [] : [each]));
      return Promise.resolve(found.flatMap((each) => ("reason" in each ? [each] : [])));
    },
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(remote.close()),
    synthesize: (utterance, signal) => remote.synthesize(utterance, patientRetries, signal),
  };
}
