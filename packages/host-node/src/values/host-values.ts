/** What a server needs of the place where values are kept that all its processes share. */
import type { ValueQuestion } from "@echarde/core";
import type { Log } from "../operate/log.ts";

/** What comes of a {@link ValueQuestion}. */
export type ValueAnswer = Uint8Array | null | undefined;

/** See the module. */
export interface HostValues {
  /** Before the server listens; `file` = where they are kept, null = in memory. Throws the system's error. */
  open(file: string | null): void;
  /** What stands. */
  answer(question: ValueQuestion): Promise<ValueAnswer>;
  /** After the last connection. */
  close(): void;
}

/** The file in the folder for what outlives the process. */
export const valuesFile = "values.log";

/** Says in the log when values cannot be kept, and when they can again (null). */
export function logValuesFailing(log: Log): (error: Error | null) => void {
  return (error) => {
    if (error === null) log.info({ event: "values-kept" }, "values can be kept again");
    else {
      const fields = { event: "values-not-kept", reason: error.message };
      log.error(fields, "values (producer ids) cannot be kept; new ones are refused");
    }
  };
}
