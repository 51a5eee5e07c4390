import { pino, type DestinationStream, type LevelWithSilent, type Logger } from "pino";
import { PinoPretty } from "pino-pretty";

export type { Logger };
export type LogLevel = LevelWithSilent;
export const logLevels: readonly LogLevel[] = [
  "silent",
  "fatal",
  "error",
  "warn",
  "info",
  "debug",
  "trace",
];

/** Readable lines on a terminal, JSON lines elsewhere. Nothing logged holds text, audio or keys. */
export function createLogger(level: LogLevel, output: NodeJS.WriteStream = process.stderr): Logger {
  const destination: DestinationStream = output.isTTY
    ? PinoPretty({ destination: output, ignore: "pid,hostname" })
    : output;
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
