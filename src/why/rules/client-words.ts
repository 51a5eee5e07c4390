import type { WordsRow } from "./words-row.ts";

/** What frameworks and clients say of themselves. */
export const clientWords: readonly WordsRow[] = [
  {
    cause: "process_killed",
    words:
      /\bSIG(?:TERM|KILL)\b|\bOOM[- ]?kill|Task timed out after \d|\bStatus: timeout\b|FUNCTION_INVOCATION_TIMEOUT|exit(?:ed)? (?:with )?(?:code|status) 137|process (?:was )?killed|memory usage exceeded/i,
    confidence: "likely",
  },
  {
    cause: "process_killed",
    words: /draining worker|shutting down (?:the )?(?:worker|job)|job (?:is )?shutting down/i,
    confidence: "possible",
  },
  {
    cause: "first_audio_timeout",
    words:
      /timed? ?out waiting for (?:the )?(?:first )?audio|first audio[^.]{0,40}(?:timeout|timed out)|\b(?:tts|synthesi\w+)[^.]{0,60}timed out|no audio (?:data )?(?:was )?received (?:within|for|after)/i,
    confidence: "likely",
  },
  { cause: "first_audio_timeout", words: /APITimeoutError/, confidence: "likely" },
  {
    cause: "used_after_close",
    words:
      /already in CLOSING or CLOSED state|WebSocket is not open: readyState [023]|Cannot write to closing transport|send (?:was )?called after close|WebSocket is (?:already )?closed(?! before)|Cannot call "?send"? once a close|Still in CONNECTING state/i,
    confidence: "possible",
  },
];
