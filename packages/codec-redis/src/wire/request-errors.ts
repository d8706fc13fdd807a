/** Words of Redis 7.0 for bytes that are no request. Each is sent behind `-ERR ` and ends the connection. */

/** A header or inline line may hold this many bytes before its end. */
export const LINE_LIMIT: number = 64 * 1024;
/** Arguments that a client may send before it has authenticated. */
export const UNAUTHENTICATED_ARGS = 10;
/** Length of an argument that a client may send before it has authenticated. */
export const UNAUTHENTICATED_BULK = 16384;

/** Inline line without end. */
export const BIG_INLINE = "Protocol error: too big inline request";
/** A quote that does not close, or not before a space. */
export const UNBALANCED = "Protocol error: unbalanced quotes in request";
/** `*` line without end. */
export const BIG_MULTIBULK_COUNT = "Protocol error: too big mbulk count string";
/** `*` line that is no number or too large a one. */
export const MULTIBULK_LENGTH = "Protocol error: invalid multibulk length";
/** Too many arguments before authentication. */
export const UNAUTHENTICATED_MULTIBULK = "Protocol error: unauthenticated multibulk length";
/** `$` line without end. */
export const BIG_BULK_COUNT = "Protocol error: too big bulk count string";
/** `$` line that is no number, a negative or too large a one. */
export const BULK_LENGTH = "Protocol error: invalid bulk length";
/** Too long an argument before authentication. */
export const UNAUTHENTICATED_BULK_LENGTH = "Protocol error: unauthenticated bulk length";

/** Another byte where an argument should begin. */
export function expectedDollar(byte: number): string {
  const shown = byte === 13 || byte === 10 ? " " : String.fromCharCode(byte);
  return `Protocol error: expected '$', got '${shown}'`;
}
