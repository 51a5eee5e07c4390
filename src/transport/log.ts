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

export interface LoggerOptions {
  /** Names the process in each line; there is no need to where there is one. */
  readonly pid?: number;
  readonly output?: NodeJS.WriteStream;
}

/** Readable lines on a terminal, JSON lines elsewhere. Nothing logged holds text, audio or keys. */
export function createLogger(
  level: LogLevel,
  { pid, output = process.stderr }: LoggerOptions = {},
): Logger {
  const destination: DestinationStream = output.isTTY
    ? PinoPretty({ destination: output, ignore: "hostname" })
    : output;
  const base = pid === undefined ? null : { pid };
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
