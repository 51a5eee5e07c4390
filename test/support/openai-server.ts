import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { encodePcm } from "../../src/audio/pcm.ts";
import { wavHeader } from "../../src/audio/wav.ts";
import type { Engine } from "../../src/engine/synthesizer.ts";
import { neutralSettings } from "../../src/protocol/voice.ts";

/** What was asked for. */
export interface OpenAiRequest {
  readonly authorization: string | undefined;
  readonly path: string;
  readonly body: {
    readonly model: string;
    readonly voice: string;
    readonly input: string;
    readonly response_format: string;
    readonly speed?: number;
  };
  /** The connection that it came on, counted from 1. */
  readonly connection: number;
}

/** Answers in place of the voice, or lets it speak by giving false. */
export type Misbehave = (
  request: OpenAiRequest,
  response: ServerResponse,
) => boolean | Promise<boolean>;

/** A server with OpenAI's way to speak, over the voice of an engine. */
export interface OpenAiServer {
  /** Without a path. */
  readonly url: string;
  readonly requests: readonly OpenAiRequest[];
  /** What the server does from now on; undefined heals it. */
  misbehave: Misbehave | undefined;
  /** Answers that the client hung up on. */
  readonly brokenOff: number;
  close(): Promise<void>;
}

export async function startOpenAiServer(engine: Engine): Promise<OpenAiServer> {
  const requests: OpenAiRequest[] = [];
  const connections = new Map<unknown, number>();
  let brokenOff = 0;

  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket, url = "", headers } = message;
    if (!connections.has(socket)) connections.set(socket, connections.size + 1);
    const request: OpenAiRequest = {
      authorization: headers.authorization,
      path: url,
      body: JSON.parse(await readBody(message)) as OpenAiRequest["body"],
      connection: connections.get(socket) ?? 0,
    };
    requests.push(request);
    response.on("close", () => {
      if (!response.writableFinished) brokenOff += 1;
    });
    if (await server.misbehave?.(request, response)) return;
    await speak(engine, request, response);
  };

  const listener = createServer((message, response) => {
    answer(message, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const server: OpenAiServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    misbehave: undefined,
    get brokenOff() {
      return brokenOff;
    },
    close: () => closeAll(listener, engine),
  };
  return server;
}

async function closeAll(listener: Server, engine: Engine): Promise<void> {
  listener.closeAllConnections();
  await new Promise((resolve) => listener.close(resolve));
  await engine.close();
}

/** Speaks as the server would if nothing were wrong with it. */
async function speak(
  engine: Engine,
  { body }: OpenAiRequest,
  response: ServerResponse,
): Promise<void> {
  const [voice] = engine.voices;
  if (!voice) throw new Error("the engine has no voice");
  const isWav = body.response_format === "wav";
  response.setHeader("content-type", isWav ? "audio/wav" : "audio/pcm");
  const settings = { ...neutralSettings, speed: body.speed ?? 1 };
  const utterance = { text: body.input, voice, settings, markup: "none" } as const;
  if (isWav) response.write(wavHeader(voice.sampleRateHz));
  for await (const { samples } of engine.synthesize(utterance, new AbortController().signal)) {
    response.write(encodePcm(samples));
  }
  response.end();
}

async function readBody(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
