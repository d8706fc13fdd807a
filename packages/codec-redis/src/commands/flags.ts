/** Properties of a command, as Redis names them, in bits. */

/** Changes data. */
export const WRITE = 1;
/** Reads data and changes none. */
export const READONLY = 2;
/** May wait for data. */
export const BLOCKING = 4;
/** Not from scripts. */
const NOSCRIPT = 8;
/** Refused inside a transaction. */
export const NO_MULTI = 16;
/** For administrators. */
export const ADMIN = 32;
/** About channels. */
const PUBSUB = 64;
/** Allowed before authentication. */
export const NO_AUTH = 128;
/** Where its keys stand hangs on its arguments. */
const MOVABLE_KEYS = 256;
/** Having no key is no error. */
const NO_MANDATORY_KEYS = 512;
/** Refused when memory is short. */
const DENY_OOM = 1024;
/** Allowed while a script runs too long. */
const ALLOW_BUSY = 2048;
/** Allowed while the server loads its data. */
const LOADING = 4096;
/** Allowed on a replica that has lost its master. */
const STALE = 8192;

/** The bits by Redis's names, for the generator and for printing. */
export const flagNames: Readonly<Record<string, number>> = {
  write: WRITE,
  readonly: READONLY,
  blocking: BLOCKING,
  noscript: NOSCRIPT,
  no_multi: NO_MULTI,
  admin: ADMIN,
  pubsub: PUBSUB,
  no_auth: NO_AUTH,
  movablekeys: MOVABLE_KEYS,
  no_mandatory_keys: NO_MANDATORY_KEYS,
  denyoom: DENY_OOM,
  allow_busy: ALLOW_BUSY,
  loading: LOADING,
  stale: STALE,
};
