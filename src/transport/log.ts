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

/**
 * Readable lines on a terminal, JSON lines elsewhere. Nothing logged holds text, audio or keys. With a
 * `pid` each line names the process: there is no need to where there is one.
 */
export function createLogger(
  level: LogLevel,
  output: NodeJS.WriteStream = process.stderr,
  pid?: number,
): Logger {
  const destination: DestinationStream = output.isTTY
    ? PinoPretty({ destination: output, ignore: "hostname" })
    : output;
  const base = pid === undefined ? null : { pid };
  return pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
