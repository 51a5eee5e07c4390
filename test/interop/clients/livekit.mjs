// An agent's voice, as LiveKit's framework for Node.js logs it: the plugin without a room.
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { initializeLogger, log } from "@livekit/agents";
import { TTS } from "@livekit/agents-plugin-elevenlabs";

const job = JSON.parse(await text(process.stdin));
initializeLogger({ pretty: job.pretty, level: "debug" });
const speaker = new TTS(job.options);
speaker.on("error", ({ error, recoverable }) => {
  log().error({ error, recoverable, tts: speaker.label }, "AgentSession: error of TTS");
});

async function hear(stream) {
  let frames = 0;
  for await (const audio of stream) if (typeof audio !== "symbol") frames += 1;
  log().debug({ frames }, "playout completed");
}

let stream;
const hearing = [];
const acts = {
  begin() {
    stream = speaker.stream({ connOptions: job.connOptions });
    hearing.push(hear(stream).catch((error) => log().error({ error }, "playout failed")));
  },
  push(words) {
    for (const word of words.match(/\S+\s*/g) ?? []) stream.pushText(word);
  },
  flush: () => stream.flush(),
  end: () => stream.endInput(),
  heard: () => hearing.at(-1),
  wait: (seconds) => sleep(seconds * 1000),
  note: (words) => log().info(words),
};
for (const [act, ...details] of job.turns) await acts[act](...details);
await Promise.all(hearing);
await speaker.close();
process.exit(0);
