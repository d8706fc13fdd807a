/** What a server writes its log to; a pino logger is one. Fields never hold a key, a value or a password. */
export interface Log {
  /** For those who look for a fault. */
  debug(fields: object, message: string): void;
  /** What happened. */
  info(fields: object, message: string): void;
  /** What somebody should look at some time. */
  warn(fields: object, message: string): void;
  /** What somebody should look at now. */
  error(fields: object, message: string): void;
}

/** Writes nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};
