import { clientProgram, interopProgram, runProgram } from "./programs.ts";
import type { Play } from "./run.ts";
import type { Scene } from "./scene.ts";
import { type Step, streamPath } from "./steps.ts";

type Late<Value> = (scene: Scene) => Value | Promise<Value>;

/** What a client of a socket does. */
export interface Talk {
  /** A `stream-input` socket of the profile `kind` if absent. */
  readonly path?: string;
  /** The server's if absent. */
  readonly host?: Late<string>;
  /** The server's key for the vendor's header if absent. */
  readonly headers?: Late<Readonly<Record<string, string>>>;
  /** Added to the path. */
  readonly query?: Late<string>;
  /** For the client's library. */
  readonly options?: object;
  readonly steps: readonly Step[];
}

const elevenLabsKey = (scene: Scene): Record<string, string> => ({ "xi-api-key": scene.key });
export const wavesKey = (scene: Scene): Record<string, string> => ({
  authorization: `Bearer ${scene.key}`,
});

/** The job of a program that talks over a socket. */
async function jobOf(scene: Scene, style: string, talk: Talk): Promise<object> {
  const { path = streamPath(), options = {}, steps } = talk;
  const host = (await talk.host?.(scene)) ?? scene.wsUrl;
  const query = (await talk.query?.(scene)) ?? "";
  const isWaves = path.startsWith("/waves");
  const headers = await (talk.headers ?? (isWaves ? wavesKey : elevenLabsKey))(scene);
  const vendor = isWaves ? "waves" : "elevenlabs";
  return { url: `${host}${path}${query}`, vendor, headers, style, options, steps };
}

type WsStyle =
  | "plain"
  | "bare"
  | "mute"
  | "stamped"
  | "dump"
  | "careless"
  | "events"
  | "lines"
  | "deaf";

/** A program with Node's `ws`. */
export const ws = (style: WsStyle, talk: Talk): Play => ({
  framework: "ws",
  ending: "log",
  record: async (scene) =>
    runProgram(scene, ["node", clientProgram("ws.mjs")], await jobOf(scene, style, talk)),
});

/** The same connection as the developer tools of a browser export it. */
export const har = (talk: Talk): Play => ({
  framework: "har",
  ending: "har",
  record: async (scene) =>
    runProgram(scene, ["node", clientProgram("ws.mjs")], await jobOf(scene, "har", talk)),
});

/** The same as a trace of our own. */
export const trace = (talk: Talk): Play => ({
  framework: "ws",
  ending: "json",
  record: async (scene) =>
    runProgram(scene, ["node", clientProgram("ws.mjs")], await jobOf(scene, "syrinx", talk)),
});

type WebsocketsStyle =
  | "debug"
  | "debug-bare"
  | "debug-pretty"
  | "app"
  | "exception"
  | "traceback"
  | "repr"
  | "mute";

/** A program with Python's `websockets`. */
export const websockets = (style: WebsocketsStyle, talk: Talk): Play => ({
  framework: "websockets",
  ending: "log",
  record: async (scene) =>
    runProgram(
      scene,
      ["/usr/bin/python3", clientProgram("websockets_client.py")],
      await jobOf(scene, style, talk),
    ),
});

type AiohttpStyle = "app" | "debug" | "plain" | "repr" | "traceback";

/** A program with Python's `aiohttp`. */
export const aiohttp = (style: AiohttpStyle, talk: Talk): Play => ({
  framework: "aiohttp",
  ending: "log",
  record: async (scene) =>
    runProgram(
      scene,
      ["/usr/bin/python3", clientProgram("aiohttp_client.py")],
      await jobOf(scene, style, talk),
    ),
});

/** A request over HTTP. */
export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly host?: Late<string>;
  readonly headers?: Late<Readonly<Record<string, string>>>;
  readonly body?: object;
}

/** The same program with a request over HTTP. */
export const aiohttpRequest = (style: AiohttpStyle, ask: Ask): Play => ({
  framework: "aiohttp",
  ending: "log",
  async record(scene) {
    const { method = "POST", path, body = { text: "Good afternoon." } } = ask;
    const url = `${(await ask.host?.(scene)) ?? scene.url}${path}`;
    const headers = await (ask.headers ?? elevenLabsKey)(scene);
    const job = { url, method, headers, style, ...(method === "POST" && { body }) };
    return runProgram(scene, ["/usr/bin/python3", clientProgram("aiohttp_client.py")], job);
  },
});

/** `curl` with these arguments; `{url}` and `{key}` in them are filled in. */
export const curl = (...args: readonly string[]): Play => ({
  framework: null,
  ending: "log",
  async record(scene) {
    const filled = args.map((arg) => arg.replace("{url}", scene.url).replace("{key}", scene.key));
    const shown = args.map((arg) => (/[\s:]/.test(arg) ? `"${arg}"` : arg));
    const prompt = `$ curl ${shown.join(" ")}\n`
      .replace("{url}", scene.url)
      .replace("{key}", "$KEY");
    return prompt + (await runProgram(scene, ["curl", ...filled]));
  },
});

/** A turn of an agent with LiveKit's plugin: see `test/interop/clients/livekit.mjs`. */
export type Turn =
  | readonly ["begin" | "flush" | "end" | "heard"]
  | readonly ["push" | "note", text: string]
  | readonly ["wait", seconds: number];

/** What an agent is set to. */
export interface Agent {
  /** `/v1` of the server if absent. */
  readonly baseUrl?: Late<string>;
  readonly key?: Late<string>;
  /** Of the plugin's class. */
  readonly options?: object;
  readonly connOptions?: object;
  /** Lines for people, as on a terminal, instead of JSON. */
  readonly isPretty?: boolean;
  readonly turns: readonly Turn[];
}

/** LiveKit's own plugin for Node.js. */
export const livekit = (agent: Agent): Play => ({
  framework: "livekit-node",
  ending: "log",
  async record(scene) {
    const { connOptions = { maxRetry: 1, retryIntervalMs: 500, timeoutMs: 10_000 } } = agent;
    const options = {
      baseURL: (await agent.baseUrl?.(scene)) ?? `${scene.url}/v1`,
      apiKey: (await agent.key?.(scene)) ?? scene.key,
      voiceId: "EXAVITQu4vr4xnSDxMaL",
      encoding: "pcm_16000",
      ...agent.options,
    };
    const { isPretty: pretty = false, turns } = agent;
    const job = { pretty, options, connOptions, turns };
    return runProgram(scene, ["node", interopProgram("livekit.mjs")], job);
  },
});

/** One request with a library of a vendor. */
export interface SdkRequest {
  /** The server's if absent. */
  readonly url?: Late<string>;
  readonly key?: Late<string>;
  /** Method of the library, where it is not the usual one. */
  readonly call?: string;
  readonly voice?: string;
  readonly request?: object;
  readonly model?: string;
  /** How its failure is printed: not at all by the program, as a whole, its message, its answer. */
  readonly style?: "thrown" | "whole" | "message" | "response";
}

type Library = "@elevenlabs/elevenlabs-js" | "elevenlabs" | "elevenlabs-node" | "smallestai";

const frameworkOf = { smallestai: null, "elevenlabs-node": null } as const;

/** A vendor's library for JavaScript. */
export const sdk = (library: Library, request: SdkRequest = {}): Play => ({
  framework: library in frameworkOf ? null : "elevenlabs-js",
  ending: "log",
  async record(scene) {
    const url = (await request.url?.(scene)) ?? scene.url;
    const key = (await request.key?.(scene)) ?? scene.key;
    const { certificate } = scene;
    const job = { style: "whole", ...request, library, url, key, certificate };
    return runProgram(scene, ["node", interopProgram("sdk.mjs")], job);
  },
});
