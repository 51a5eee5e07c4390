import { amplify } from "../../audio/limiter.ts";
import { type GivePiece, serveJobs } from "../child-main.ts";
import type { EspeakInfo, EspeakJob, EspeakOwn } from "./job.ts";
import { EspeakProgram, sampleRateHz } from "./program.ts";
import { speak } from "./speak.ts";
import { VoiceGains } from "./voice-gains.ts";

serveJobs<EspeakJob>(async (own) => {
  const { moduleUrl } = own as EspeakOwn;
  const program = await EspeakProgram.load(moduleUrl);
  const info: EspeakInfo = { voices: program.listVoices() };
  // What runs for the first time is compiled: better now than in somebody's first audio.
  const gains = new VoiceGains(program);
  gains.gainOf("gmw/en-US");
  program.refresh();
  return {
    info,
    speak(job, give, signal, hear) {
      const isWanted = (): boolean => {
        hear();
        return !signal.aborted;
      };
      try {
        const gain = gains.gainOf(job.voice);
        const giveLoud: GivePiece = (piece) =>
          give({ ...piece, samples: amplify(piece.samples, gain, sampleRateHz) });
        speak(program, job, giveLoud, isWanted);
      } catch {
        // Thrown through the program, which is of no use then.
        process.exit(1);
      }
      // While nobody waits for it.
      setImmediate(() => program.refresh());
    },
  };
});
