/**
 * The three blames. A peer's bad bytes are effects, not exceptions; these
 * classes are thrown only at the embedder.
 */

/** Every code that an {@link EchardeError} can carry. */
export type ErrorCode =
  | "misuse"
  | "unknown-peer"
  | "time-went-back"
  | "bad-table"
  | "missing-capability"
  | "bad-codec"
  | "bad-option";

/** Base of all exceptions that Écharde throws. */
export abstract class EchardeError extends Error {
  /** Stable, machine-readable cause. */
  readonly code: ErrorCode;

  /** @internal */
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The embedder (or a codec) used the API against its contract. */
export class LocalProtocolError extends EchardeError {
  override readonly name: string = "LocalProtocolError";
}

/** A configuration that cannot work; thrown at construction only. */
export class ConfigError extends EchardeError {
  override readonly name: string = "ConfigError";
  /** What is wrong, one entry for each finding, with a path into the configuration. */
  readonly findings: readonly ConfigFinding[];

  /** @internal */
  constructor(code: ErrorCode, message: string, findings: readonly ConfigFinding[] = []) {
    super(code, message);
    this.findings = findings;
  }
}

/** One thing that is wrong in a configuration. */
export interface ConfigFinding {
  /** Keys and indexes from the root to the value at fault, as in `["routes", 2, "cluster"]`. */
  readonly path: readonly (string | number)[];
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** Closes an exhaustive `switch`: reaching it is a bug in the caller's types. */
export function assertNever(value: never): never {
  throw new LocalProtocolError("misuse", `unexpected value ${String(value)}`);
}
