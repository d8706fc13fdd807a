/** A codec (or the core under it) broke a rule of the kit. */
export class Noncompliance extends Error {
  override readonly name: string = "Noncompliance";
  /** Name of the rule. */
  readonly rule: string;

  /** The message says what was done, what came out, and how to do it again. */
  constructor(rule: string, what: string, cause?: unknown) {
    super(`${rule}\n${what}`, cause === undefined ? {} : { cause });
    this.rule = rule;
  }
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
