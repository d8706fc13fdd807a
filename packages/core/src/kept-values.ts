/**
 * What a protocol must know of the time before, or of what other routers of
 * the same host did: small values by name, which the host keeps for all of
 * them and, where it can, beyond its process.
 *
 * ```
 *   look: what stands ──▶ change it over what was seen ──▶ what stands now: mine, or another's that came first
 * ```
 * The host may forget values that nobody has asked for in a long time, the
 * longest unused ones first.
 */

/**
 * Question of the topic "value". The answer is what stands from now on: a `Uint8Array` that is never touched again, null =
 * nothing; undefined = not known, or not to be kept, now. A change is kept when it is answered.
 */
export interface ValueQuestion {
  /** Whose values they are: each kind has keys of its own. */
  readonly kind: string;
  /** Which one. */
  readonly key: string;
  /** What is to stand, null = only look. Memory that is never touched again. */
  readonly value: Uint8Array | null;
  /** What must stand for the change to be made: these bytes, nothing (null), or anything. */
  readonly over: Uint8Array | null | "anything";
}
