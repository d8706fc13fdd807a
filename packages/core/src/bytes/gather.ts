/**
 * Small pieces for one peer that do not lie side by side, copied together: a
 * view costs more than a copy of a few bytes, here and in the host that
 * writes it. Memory is used once and never again, so a view of it stays as it
 * is; it is collected with the last one.
 *
 * ```
 *   memory  ▓▓▓▓▓▓▓▓ run of one peer ▓▓▓▓▓▓▓▓│ piece │        its run grows while nobody else writes behind it
 * ```
 */
const blockSize = 8 << 10;
/** Bytes up to which a copy is cheaper. */
export const smallPiece = 64;

/** Where all pieces are gathered; valid up to what has been handed out. */
export let gathered: Uint8Array = new Uint8Array(0);
let at = 0;

/**
 * Copies `bytes[from, to)`, a small piece, behind the run `run[runFrom, runTo)`.
 * Returns where the longer run starts in `gathered`, -1 when the run is large
 * or there is no room for the piece behind it. The end is the start plus both
 * lengths.
 */
export function gather(
  run: Uint8Array,
  runFrom: number,
  runTo: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let start = runFrom;
  if (run !== gathered || runTo !== at) {
    const length = runTo - runFrom;
    if (length > smallPiece) return -1;
    if (at + length + to - from > gathered.length) {
      gathered = new Uint8Array(blockSize);
      at = 0;
    }
    start = at;
    for (let i = runFrom; i < runTo; i++) gathered[at++] = run[i] as number;
  } else if (at + to - from > gathered.length) return -1;
  for (let i = from; i < to; i++) gathered[at++] = bytes[i] as number;
  return start;
}
