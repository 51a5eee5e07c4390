import { createToneEngine } from "../dist/engine/tone.js";
import { inOnePiece } from "../dist/engine/synthesizer.js";
import { createServer, readSettings } from "../dist/index.js";
import { serveBench } from "./measured-process.js";

/**
 * Speaks each text from memory: what remains to be measured is the server. The samples are the
 * same ones each time, which the server may read but, at the voice's own rate, does not give away.
 */
function createReadyMadeEngine(tone) {
  const made = new Map();
  return {
    ...tone,
    synthesize(utterance, signal) {
      const known = made.get(utterance.text) ?? first(tone.synthesize(utterance, signal));
      made.set(utterance.text, known);
      return inOnePiece(known);
    },
  };
}

async function first(speech) {
  for await (const pcm of speech) return pcm;
  throw new Error("The engine gave nothing");
}

// The engine's name, and settings such as stallSeconds=3600.
const [engine, ...given] = process.argv.slice(2);
const chosen = Object.fromEntries(given.map((setting) => setting.split("=")));
// An empty one is the setting's own default.
const keptAt = chosen.database === "" ? {} : { database: "memory" };
const settings = readSettings({
  env: process.env.SYRINX_API_KEY && { SYRINX_API_KEY: process.env.SYRINX_API_KEY },
  flags: {
    port: "0",
    auth: "off",
    logLevel: "silent",
    // Most figures are about clients that take all they can get.
    overload: "admit",
    leadSeconds: "any",
    // They say the same again and again, and it is to be made each time.
    cacheMib: "0",
    // What it costs to keep records is a figure of its own.
    history: "off",
    ...chosen,
    database: undefined,
    ...keptAt,
  },
});
const server = await createServer(settings, {
  ...(engine === "tone" && {
    // 66 ms a character is how fast people speak.
    engines: [createReadyMadeEngine(createToneEngine({ sampleRateHz: 24_000, msPerChar: 66 }))],
  }),
});
serveBench(server.url, () => server.close());
