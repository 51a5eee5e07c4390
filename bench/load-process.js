import { systemClock } from "../dist/clock.js";
import { runLoad } from "../dist/load/run.js";
import { conversationTexts, planStreams } from "../dist/load/scenario.js";

// Plain JavaScript, as the measured processes: a loader would take processor time from them.
process.on("message", ({ target, conversations, durationMs }) => {
  const streams = planStreams({
    pace: "paced",
    streams: conversations,
    texts: conversationTexts,
    turns: undefined,
  });
  void runLoad({ target, socketUse: "single", streams, durationMs }, { clock: systemClock }).then(
    (result) => process.send(result),
  );
});
process.on("disconnect", () => process.exit());
