import pino from "pino";
import type { LogLevel } from "../config/operating.ts";
import type { Log } from "./log.ts";

/** A log whose level can be changed. */
export interface LeveledLog extends Log {
  /** What is written from now on. */
  setLevel(level: LogLevel): void;
  /** Writes what waits. */
  flush(): void;
}

/** JSON lines on standard error. A reader that is too slow loses lines; it never holds up the traffic. */
export function createLog(level: LogLevel): LeveledLog {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: mostWaiting });
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    setLevel: (next) => {
      log.level = next;
    },
    flush: () => {
      try {
        destination.flushSync();
      } catch {
        // nobody reads it any more
      }
    },
  };
}

/** Bytes. */
const mostWaiting = 1 << 20;
