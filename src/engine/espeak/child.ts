import { serveJobs } from "../child-main.ts";
import type { EspeakInfo, EspeakJob, EspeakOwn } from "./job.ts";
import { EspeakProgram, rates } from "./program.ts";
import { speak } from "./speak.ts";

serveJobs<EspeakJob>(async (own) => {
  const { moduleUrl } = own as EspeakOwn;
  const program = await EspeakProgram.load(moduleUrl);
  const info: EspeakInfo = { voices: program.listVoices() };
  // What runs for the first time is compiled: better now than in somebody's first audio.
  program.speak("Ready, in 42 ways.", "gmw/en-US", rates.own, () => true);
  program.refresh();
  return {
    info,
    speak(job, give, signal, hear) {
      const isWanted = (): boolean => {
        hear();
        return !signal.aborted;
      };
      try {
        speak(program, job, give, isWanted);
      } catch {
        // Thrown through the program, which is of no use then.
        process.exit(1);
      }
      // While nobody waits for it.
      setImmediate(() => program.refresh());
    },
  };
});
