/**
 * A cursor over several clusters that are walked one after the other, as one
 * number that any client takes for a server's own. Nothing is kept here.
 *
 * ```
 * cursor = inner cursor * 2^27 + fingerprint * 2^i + index of the cluster     below 2^63, in decimal; 0 = start and end
 *          36 bits               27 - i bits         i bits: as few as tell the clusters apart
 * ```
 * The fingerprint is of the list of clusters: a cursor from before a change of
 * that list is not continued in a wrong place, but for one change in 2^(27 - i):
 * 2^25 with three clusters. A server's own cursor is below the number of its
 * hash buckets, so 36 bits stand for tens of billions of keys.
 */

/** Clusters that a cursor can tell apart. */
export const maxCursorClusters = 1024;

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
  /** A hash of their list: 32 bits, of which the lowest 17 to 27 count. */
  readonly fingerprint: number;
}

/** Reads a cursor; null when it is none, or of other clusters. */
export function unpackCursor(text: string, scope: CursorScope): CompositeCursor | null {
  if (!/^\d{1,20}$/.test(text)) return null;
  const cursor = BigInt(text);
  if (cursor === 0n) return { inner: 0n, cluster: 0 };
  const low = Number(cursor & (lowSize - 1n));
  const indexes = 1 << indexBits(scope.clusters);
  const cluster = low % indexes;
  if (cursor > largest || cluster >= scope.clusters || low !== lowOf(cluster, scope)) return null;
  return { inner: cursor >> lowBits, cluster };
}

/** Writes a cursor; null when the cluster's own is too large (2^36 and more). */
export function packCursor(at: CompositeCursor, scope: CursorScope): string | null {
  const cursor = (at.inner << lowBits) | BigInt(lowOf(at.cluster, scope));
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

/** Fingerprint and index. */
function lowOf(cluster: number, { clusters, fingerprint }: CursorScope): number {
  const bits = indexBits(clusters);
  const mask = (1 << (Number(lowBits) - bits)) - 1;
  return ((fingerprint & mask) << bits) | cluster;
}

/** Bits that tell so many clusters apart. */
function indexBits(clusters: number): number {
  return 32 - Math.clz32(clusters - 1);
}

const lowBits = 27n;
const lowSize = 1n << lowBits;
const largest = (1n << 63n) - 1n;
