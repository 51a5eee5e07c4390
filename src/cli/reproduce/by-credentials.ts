import type { Bench } from "./bench.ts";
import {
  asking,
  beginning,
  closed,
  type Reproduction,
  type ReproductionsOf,
  sentence,
  speechPath,
  streamInputPath,
} from "./reproduction.ts";

const keysPath = "/v1/admin/keys";

/** A key that was made for a client. */
interface MadeKey {
  readonly id: string;
  readonly xi_api_key: string;
}

/** Makes a key; `rules` are as the wire has them. */
export async function makeKey({ look }: Bench, rules: object = {}): Promise<MadeKey> {
  const body = { name: "a client", ...rules };
  return JSON.parse((await look(keysPath, { method: "POST", body })).text) as MadeKey;
}

export async function revoke({ look }: Bench, { id }: MadeKey): Promise<void> {
  await look(`${keysPath}/${id}`, { method: "DELETE" });
}

/** Asks for speech with a key. */
export async function speakWith({ ask }: Bench, { xi_api_key: key }: MadeKey): Promise<void> {
  await ask(speechPath, { method: "POST", key, body: { text: sentence } });
}

/** What is told to a client that asks for speech with a key of these rules. */
const limited = (does: string, rules: object): Reproduction => ({
  does,
  run: async (bench) => speakWith(bench, await makeKey(bench, rules)),
});

/** The path of a socket that is opened with a token of these limits. */
async function tokenPath({ look }: Bench, limits: object): Promise<string> {
  const path = "/v1/single-use-token/tts_websocket";
  const { text } = await look(path, { method: "POST", body: limits });
  return `${streamInputPath}?single_use_token=${(JSON.parse(text) as { token: string }).token}`;
}

const withoutHeaders = { headers: {} } as const;

/** Ends that come of keys and tokens. */
export const byCredentials: ReproductionsOf<
  | "authentication_required"
  | "key_unknown"
  | "key_revoked"
  | "key_expired"
  | "key_replaced"
  | "key_address"
  | "api_key_revoked"
  | "invalid_token"
  | "token_time_over"
  | "token_used_up"
  | "missing_permission"
  | "voice_not_allowed"
  | "model_not_allowed"
> = {
  authentication_required: asking("A client shows no key.", "/v1/voices", { key: null }),
  key_unknown: asking("A client shows a key that the server has never seen.", "/v1/voices", {
    key: "sk_of_another_server",
  }),
  key_revoked: {
    does: "A client shows a key that was revoked.",
    async run(bench) {
      const key = await makeKey(bench);
      await revoke(bench, key);
      await speakWith(bench, key);
    },
  },
  key_expired: {
    does: "A client shows a key an hour after its time is over.",
    async run(bench) {
      const inAnHour = Math.floor(Date.now() / 1000) + 3600;
      const key = await makeKey(bench, { expires_at_unix: inAnHour });
      bench.clock.skip(7_200_000);
      await speakWith(bench, key);
    },
  },
  key_replaced: {
    does: "A client shows the older secret of a key that was rotated, after the time of grace.",
    async run(bench) {
      const key = await makeKey(bench);
      const body = { grace_seconds: 60 };
      await bench.look(`${keysPath}/${key.id}/rotate`, { method: "POST", body });
      bench.clock.skip(120_000);
      await speakWith(bench, key);
    },
  },
  key_address: limited("A client shows a key that is good from other addresses.", {
    addresses: ["198.51.100.0/24"],
  }),
  api_key_revoked: {
    does: "A key is revoked while a socket is open that it has opened.",
    async run(bench) {
      const key = await makeKey(bench);
      const client = await bench.open(streamInputPath, {
        headers: { "xi-api-key": key.xi_api_key },
      });
      client.send(beginning);
      await client.settled();
      await revoke(bench, key);
      await closed(client);
    },
  },
  invalid_token: {
    does: "A client shows a single-use token that the server has not made.",
    async run({ open }) {
      const client = await open(
        `${streamInputPath}?single_use_token=of-another-server`,
        withoutHeaders,
      );
      await closed(client);
    },
  },
  token_time_over: {
    does: "A socket is open for longer than the five seconds for which its token is good.",
    async run(bench) {
      const client = await bench.open(await tokenPath(bench, { max_seconds: 5 }), withoutHeaders);
      client.send(beginning);
      await client.settled();
      await bench.passUntil("the socket is closed", () => client.isClosed);
    },
  },
  token_used_up: {
    does: "A client sends more text than the five characters for which its token is good.",
    async run(bench) {
      const client = await bench.open(
        await tokenPath(bench, { max_characters: 5 }),
        withoutHeaders,
      );
      client.send(beginning, { text: sentence }, { text: "" });
      await closed(client);
    },
  },
  missing_permission: limited("A client asks for speech with a key that may only list voices.", {
    scopes: ["voices:read"],
  }),
  voice_not_allowed: limited("A client asks for a voice that its key does not allow.", {
    voices: ["tone-2"],
  }),
  model_not_allowed: limited("A client asks for a model that its key does not allow.", {
    models: ["eleven_flash_v2_5"],
  }),
};
