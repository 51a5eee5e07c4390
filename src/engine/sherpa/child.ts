import { serveJobs } from "../child-main.ts";
import type { VoiceLevel } from "../stages/even-loudness.ts";
import type { SherpaJob, SherpaStart } from "./job.ts";
import { findRuntime, installHint, loadRuntime } from "./runtime.ts";
import { speak } from "./speak.ts";
import { loadSpeechModel } from "./speech-model.ts";

// What runs for the first time allocates what it needs: better now than in somebody's first audio.
const rehearsal = "Ready.";

serveJobs<SherpaJob>(async (own) => {
  const start = own as SherpaStart;
  const path = findRuntime();
  if (path === undefined) throw new Error(`sherpa-onnx is missing: ${installHint}`);
  const { sampleRateHz, language } = start;
  const manner = { speaker: 0, language };
  const model = await loadSpeechModel(loadRuntime(path), start, manner);
  await model.say(rehearsal, manner);
  const speech = { model, sampleRateHz, levels: new Map<number, VoiceLevel>() };
  return { speak: (job, give, signal) => speak(speech, job, give, signal) };
});
