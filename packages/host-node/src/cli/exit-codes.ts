/** Exit codes of `echarde`; 128 + n after signal n is the shell's own. */
export const exitCodes: {
  /** All is well. */
  readonly ok: 0;
  /** It could not be done: a port in use, a file that cannot be read. */
  readonly failed: 1;
  /** The command line makes no sense. */
  readonly usage: 2;
  /** The configuration is wrong. */
  readonly config: 3;
  /** It ended as asked, but some clients had no answer before `timeouts.drain` was over. */
  readonly cut: 4;
} = { ok: 0, failed: 1, usage: 2, config: 3, cut: 4 };
