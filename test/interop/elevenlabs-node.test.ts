import { readFile, writeFile } from "node:fs/promises";
import https from "node:https";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import ElevenLabs from "elevenlabs-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type BuiltServer, createFolder, removeFolder, startBuiltServer } from "../cli/built.ts";
import { readMp3 } from "../conformance/audio-files.ts";
import { createCertificate } from "../conformance/certificate.ts";

// This client knows one address, https://api.elevenlabs.io. Where the name leads is the business of
// the network: here of Node's own HTTPS agent, which connects to the server and checks that its
// certificate bears that name.

const host = "api.elevenlabs.io";
const text = "The first move is what sets everything in motion.";

const { globalAgent } = https;
let folder = "";
let server: BuiltServer;
let client: ElevenLabs;

beforeAll(async () => {
  folder = await createFolder();
  const { cert, key } = createCertificate(host);
  await writeFile(join(folder, "cert.pem"), cert);
  await writeFile(join(folder, "key.pem"), key);
  const flags = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
  server = await startBuiltServer({ flags });
  const { hostname, port } = new URL(server.url);
  https.globalAgent = new https.Agent({ host: hostname, port: Number(port), ca: cert });
  vi.stubEnv("NO_PROXY", host);
  client = new ElevenLabs({ apiKey: server.key });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  https.globalAgent = globalAgent;
  await server?.close();
  await removeFolder(folder);
});

describe("elevenlabs-node 2.0.3", () => {
  it("writes a file with the voice it has built in", async () => {
    const fileName = join(folder, "speech.mp3");
    const answer = await client.textToSpeech({
      fileName,
      textInput: text,
      stability: 0.5,
      similarityBoost: 0.5,
      modelId: "eleven_multilingual_v2",
      style: 1,
      speakerBoost: true,
    });
    expect(answer).toEqual({ status: "ok", fileName });
    expect(readMp3(await readFile(fileName)).length * 1152).toBeGreaterThan(2 * 44_100);
  });

  it("streams with a voice of the caller's", async () => {
    const voiceId = "21m00Tcm4TlvDq8ikWAM";
    const stream = await client.textToSpeechStream({ textInput: text, voiceId });
    expect(readMp3(await buffer(stream)).length * 1152).toBeGreaterThan(2 * 44_100);
  });

  it("lists voices and models, and reads the account", async () => {
    const { voices } = await client.getVoices();
    expect(voices.length).toBeGreaterThanOrEqual(4);
    for (const { voice_id: voiceId, name } of voices) {
      expect(await client.getVoice({ voiceId })).toMatchObject({ voice_id: voiceId, name });
    }
    expect((await client.getUserInfo()).subscription.status).toBe("active");
    const models = (await client.getModels()).map(({ model_id }) => model_id);
    expect(models).toContain("eleven_multilingual_v2");
  });

  it("keeps a voice's settings", async () => {
    const voiceId = "pNInz6obpgDQGcFmaJgB";
    const settings = { stability: 0.25, similarity_boost: 0.5 };
    const answer = await client.editVoiceSettings({
      voiceId,
      stability: settings.stability,
      similarityBoost: settings.similarity_boost,
    });
    expect(answer).toEqual({ status: "ok" });
    expect(await client.getVoiceSettings({ voiceId })).toMatchObject(settings);
  });
});
