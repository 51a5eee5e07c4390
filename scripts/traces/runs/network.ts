import {
  aiohttp,
  aiohttpRequest,
  curl,
  livekit,
  sdk,
  type Turn,
  websockets,
  ws,
} from "../plays.ts";
import { findClosedPort, openBlackHole, openWebPage } from "../proxies.ts";
import type { Run } from "../run.ts";
import type { Scene } from "../scene.ts";
import { closed, end, hello, say, sentence } from "../steps.ts";

const steps = [hello, say(sentence), end, closed] as const;
const turn: readonly Turn[] = [["begin"], ["push", sentence], ["end"], ["heard"]];
const speech = "/v1/text-to-speech/21m00Tcm4TlvDq8ikWAM";
const nowhere = { place: "nowhere" } as const;
const tls = { isTls: true } as const;

const nobodyListens = async (): Promise<string> => `127.0.0.1:${await findClosedPort()}`;
/** Reserved, so that nobody ever has it (RFC 2606). */
const noSuchHost = "tts.agents.invalid";
const hostOf = ({ url }: Scene): string => new URL(url).host;
const page =
  (status: number, title: string) =>
  async (scene: Scene): Promise<string> =>
    `ws://${(await scene.keep(openWebPage(status, title))).host}`;
const blackHole = async (scene: Scene): Promise<string> =>
  `ws://${(await scene.keep(openBlackHole())).host}`;

/** Servers that are not reached, or not as they want to be. */
export const networkRuns: readonly Run[] = [
  {
    name: "ws-node-server-is-not-up-yet",
    cause: "connection_refused",
    server: nowhere,
    note: "no handler for errors",
    play: ws("careless", { host: async () => `ws://${await nobodyListens()}`, steps }),
  },
  {
    name: "websockets-traceback-server-is-not-up-yet",
    cause: "connection_refused",
    server: nowhere,
    note: "only the traceback",
    play: websockets("traceback", { host: async () => `ws://${await nobodyListens()}`, steps }),
  },
  {
    name: "aiohttp-server-is-not-up-yet",
    cause: "connection_refused",
    server: nowhere,
    note: "an exception with exc_info",
    play: aiohttp("app", { host: async () => `ws://${await nobodyListens()}`, steps }),
  },
  {
    name: "livekit-node-server-is-not-up-yet",
    cause: "connection_refused",
    server: nowhere,
    note: "LiveKit's plugin",
    play: livekit({ baseUrl: async () => `http://${await nobodyListens()}/v1`, turns: turn }),
  },
  {
    name: "elevenlabs-js-server-is-not-up-yet",
    cause: "connection_refused",
    server: nowhere,
    note: "over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", { url: async () => `http://${await nobodyListens()}` }),
  },
  {
    name: "ws-node-host-name-from-another-cluster",
    cause: "name_not_found",
    server: nowhere,
    note: "a name that there is not",
    play: ws("plain", { host: () => `ws://${noSuchHost}:8080`, steps }),
  },
  {
    name: "websockets-repr-host-name-from-another-cluster",
    cause: "name_not_found",
    server: nowhere,
    note: "repr of the exception",
    play: websockets("repr", { host: () => `ws://${noSuchHost}:8080`, steps }),
  },
  {
    name: "aiohttp-host-name-from-another-cluster",
    cause: "name_not_found",
    server: nowhere,
    note: "only the traceback",
    play: aiohttp("traceback", { host: () => `ws://${noSuchHost}:8080`, steps }),
  },
  {
    name: "livekit-node-host-name-from-another-cluster",
    cause: "name_not_found",
    server: nowhere,
    note: "LiveKit's plugin, lines for people",
    play: livekit({ baseUrl: () => `http://${noSuchHost}:8080/v1`, isPretty: true, turns: turn }),
  },
  {
    name: "ws-node-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed",
    play: ws("plain", { steps }),
  },
  {
    name: "websockets-traceback-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed, only the traceback",
    play: websockets("traceback", { steps }),
  },
  {
    name: "aiohttp-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed, repr of the exception",
    play: aiohttp("repr", { steps }),
  },
  {
    name: "livekit-node-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed, LiveKit's plugin",
    play: livekit({ turns: turn }),
  },
  {
    name: "elevenlabs-js-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed, over HTTP",
    play: sdk("@elevenlabs/elevenlabs-js", {}),
  },
  {
    name: "curl-certificate-of-our-own",
    cause: "certificate_not_trusted",
    told: null,
    server: tls,
    note: "self-signed",
    play: curl("-sS", "-i", "{url}/v1/voices"),
  },
  {
    name: "ws-node-one-letter-too-many",
    cause: "tls_on_plain_port",
    told: null,
    note: "wss to a server without TLS",
    play: ws("plain", { host: (scene) => `wss://${hostOf(scene)}`, steps }),
  },
  {
    name: "websockets-traceback-one-letter-too-many",
    cause: "tls_on_plain_port",
    told: null,
    note: "the same, only the traceback",
    play: websockets("traceback", { host: (scene) => `wss://${hostOf(scene)}`, steps }),
  },
  {
    name: "aiohttp-one-letter-too-many",
    cause: "tls_on_plain_port",
    told: null,
    note: "https to a server without TLS",
    play: aiohttpRequest("repr", { host: (scene) => `https://${hostOf(scene)}`, path: speech }),
  },
  {
    name: "livekit-node-one-letter-too-many",
    cause: "tls_on_plain_port",
    told: null,
    note: "https in the baseURL of LiveKit's plugin",
    play: livekit({ baseUrl: (scene) => `https://${hostOf(scene)}/v1`, turns: turn }),
  },
  {
    name: "ws-node-one-letter-too-few",
    cause: null,
    told: null,
    server: tls,
    note: "ws to a server with TLS, which hangs up; the log has no address",
    play: ws("plain", { host: (scene) => `ws://${hostOf(scene)}`, steps }),
  },
  {
    name: "websockets-debug-one-letter-too-few",
    cause: "plain_on_tls_port",
    told: null,
    server: tls,
    note: "the same with the library's log",
    play: websockets("debug", { host: (scene) => `ws://${hostOf(scene)}`, steps }),
  },
  {
    name: "curl-one-letter-too-few",
    cause: null,
    told: null,
    server: tls,
    note: "http to a server with TLS, which says nothing at all",
    play: {
      ...curl(),
      record: (scene) => curl("-sS", "-i", `http://${hostOf(scene)}/v1/voices`).record(scene),
    },
  },
  {
    name: "ws-node-nobody-answers",
    cause: "network_unreachable",
    server: nowhere,
    note: "the connection is taken and the handshake never answered",
    play: ws("plain", { host: blackHole, options: { handshakeTimeout: 2000 }, steps }),
  },
  {
    name: "websockets-traceback-nobody-answers",
    cause: "network_unreachable",
    server: nowhere,
    note: "the same with open_timeout",
    play: websockets("traceback", { host: blackHole, options: { open_timeout: 2 }, steps }),
  },
  {
    name: "ws-node-page-of-a-gateway",
    cause: "proxy_no_upgrade",
    server: nowhere,
    note: "a proxy that answers 502 with a page",
    play: ws("dump", { host: page(502, "502 Bad Gateway"), steps }),
  },
  {
    name: "websockets-debug-page-of-a-gateway",
    cause: "proxy_no_upgrade",
    alsoRight: ["proxy_idle_timeout"],
    server: nowhere,
    note: "a proxy that answers 502; the library logs its headers",
    play: websockets("debug", { host: page(502, "502 Bad Gateway"), steps }),
  },
  {
    name: "aiohttp-parked-host",
    cause: "proxy_no_upgrade",
    server: nowhere,
    note: "a host that answers 200 with a page",
    play: aiohttp("repr", { host: page(200, "Welcome to nginx!"), steps }),
  },
  {
    name: "livekit-node-page-of-a-gateway",
    cause: "proxy_no_upgrade",
    alsoRight: ["proxy_idle_timeout"],
    server: nowhere,
    note: "LiveKit's plugin at a proxy that answers 502",
    play: livekit({
      baseUrl: async (scene) =>
        `${(await page(502, "502 Bad Gateway")(scene)).replace("ws", "http")}/v1`,
      turns: turn,
    }),
  },
];
