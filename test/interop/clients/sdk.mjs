// One request with a vendor's library, and what is printed of its failure.
import { text } from "node:stream/consumers";
import https from "node:https";

const job = JSON.parse(await text(process.stdin));
const { voice = "21m00Tcm4TlvDq8ikWAM", request = { text: "Good afternoon." } } = job;

const calls = {
  async "@elevenlabs/elevenlabs-js"() {
    const { ElevenLabsClient } = await import("@elevenlabs/elevenlabs-js");
    const client = new ElevenLabsClient({ baseUrl: job.url, apiKey: job.key, maxRetries: 0 });
    return (await client.textToSpeech[job.call ?? "convert"](voice, request)).getReader().read();
  },
  async elevenlabs() {
    const { ElevenLabsClient } = await import("elevenlabs");
    const client = new ElevenLabsClient({ baseUrl: job.url, apiKey: job.key });
    return client.textToSpeech[job.call ?? "convert"](voice, request);
  },
  async "elevenlabs-node"() {
    const { default: ElevenLabs } = await import("elevenlabs-node");
    // It knows the hosted service alone: where the name leads is decided here.
    const { hostname, port } = new URL(job.url);
    https.globalAgent = new https.Agent({
      host: hostname,
      port,
      ca: job.certificate,
      checkServerIdentity: () => undefined,
    });
    const client = new ElevenLabs({ apiKey: job.key });
    return client.textToSpeech({ fileName: "/dev/null", textInput: request.text, voiceId: voice });
  },
  async smallestai() {
    const { Configuration, WavesClient } = await import("smallestai");
    const client = new WavesClient(new Configuration({ basePath: job.url, accessToken: job.key }));
    return client[job.call ?? "synthesize"](job.model ?? "lightning", {
      text: request.text,
      voice_id: voice,
      sample_rate: 24_000,
    });
  },
};

const speak = calls[job.library];
if (job.style === "thrown") {
  await speak();
} else {
  try {
    await speak();
    console.log("done");
  } catch (error) {
    if (job.style === "message") console.error(`Text to speech failed: ${error.message}`);
    else if (job.style === "response")
      console.error("Error:", error.response?.status, String(error.response?.data));
    else console.error("Text to speech failed:", error);
  }
}
process.exit(0);
