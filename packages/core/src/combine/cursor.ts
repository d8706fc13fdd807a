/**
 * A cursor over several clusters that are walked one after the other, as one
 * number that any client takes for a server's own. Nothing is kept here.
 *
 * ```
 * cursor = inner cursor * 2^16 + fingerprint * 2^10 + index of the cluster     at most 2^63 - 1, in decimal; 0 = start and end
 * ```
 * The fingerprint is of the list of clusters: a cursor from before a change of
 * that list is not continued in a wrong place.
 */

/** Clusters that a cursor can tell apart. */
export const maxCursorClusters = 1024;

/** Fingerprints are below this. */
export const cursorFingerprints = 64;

const largest = (1n << 63n) - 1n;

/** Where to go on. */
export interface CompositeCursor {
  /** The cluster's own cursor. */
  readonly inner: bigint;
  /** Index of the cluster. */
  readonly cluster: number;
}

/** Clusters that a cursor walks. */
export interface CursorScope {
  /** How many; at most {@link maxCursorClusters}. */
  readonly clusters: number;
  /** Of their list; below {@link cursorFingerprints}. */
  readonly fingerprint: number;
}

/** Reads a cursor; null when it is none, or of other clusters. */
export function unpackCursor(text: string, scope: CursorScope): CompositeCursor | null {
  if (!/^\d{1,20}$/.test(text)) return null;
  const cursor = BigInt(text);
  if (cursor === 0n) return { inner: 0n, cluster: 0 };
  const cluster = Number(cursor & 1023n);
  const fingerprint = Number((cursor >> 10n) & 63n);
  if (cursor > largest || cluster >= scope.clusters || fingerprint !== scope.fingerprint)
    return null;
  return { inner: cursor >> 16n, cluster };
}

/** Writes a cursor; null when the cluster's own is too large (2^47 and more). */
export function packCursor(at: CompositeCursor, scope: CursorScope): string | null {
  const cursor = (at.inner << 16n) | BigInt((scope.fingerprint << 10) | at.cluster);
  return cursor > largest ? null : cursor.toString();
}

/**
 * The cursor behind a page of `cluster` that ended with its cursor `inner`
 * (0 = it has no more, the next cluster follows): "0" behind the last one;
 * null as in {@link packCursor}.
 */
export function nextCursor(inner: bigint, cluster: number, scope: CursorScope): string | null {
  const next = inner === 0n ? cluster + 1 : cluster;
  return next === scope.clusters ? "0" : packCursor({ inner, cluster: next }, scope);
}
