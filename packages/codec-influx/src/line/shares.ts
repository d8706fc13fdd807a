/** Which lines of a batch each cluster gets, and their bytes put together. */
import type { LineLexer } from "./line-lexer.ts";

/** See the module. Offsets alone are kept until the whole batch has been read. */
export class Shares {
  /** Cluster, start and end of runs of lines; an end below 0: one line without a time, which ends at -end. */
  readonly #runs: number[] = [];
  /** Bytes of each cluster. */
  readonly #sizes: number[];
  /** Clusters in the order of their first lines. */
  readonly #order: number[] = [];
  #last = -1;
  #lastTo = -1;

  constructor(clusters: number) {
    this.#sizes = new Array<number>(clusters).fill(0);
  }

  /** The lexer's line goes to this cluster. */
  add(cluster: number, { lineFrom, lineTo, fieldsTo, timeFrom, timeTo }: LineLexer): void {
    const runs = this.#runs;
    const timed = timeTo > timeFrom;
    const size = (timed ? lineTo : fieldsTo + STAMP) - lineFrom + 1;
    const before = this.#sizes[cluster] as number;
    if (before === 0) this.#order.push(cluster);
    this.#sizes[cluster] = before + size;
    if (timed && this.#last === cluster && this.#lastTo + 1 === lineFrom) {
      runs[runs.length - 1] = lineTo;
    } else runs.push(cluster, lineFrom, timed ? lineTo : -fieldsTo);
    this.#last = timed ? cluster : -1;
    this.#lastTo = lineTo;
  }

  /** Bytes of each cluster that gets any, in new memory, each line ended by LF; `stamp` stands behind those without a time. */
  gather(bytes: Uint8Array, stamp: Uint8Array): Map<number, Uint8Array> {
    const runs = this.#runs;
    const memory: (Uint8Array | null)[] = this.#sizes.map((size) =>
      size === 0 ? null : new Uint8Array(size),
    );
    const ends = this.#sizes.map(() => 0);
    for (let i = 0; i < runs.length; i += 3) {
      const cluster = runs[i] as number;
      const own = memory[cluster] as Uint8Array;
      const from = runs[i + 1] as number;
      const end = runs[i + 2] as number;
      const to = Math.abs(end);
      let at = ends[cluster] as number;
      own.set(bytes.subarray(from, to), at);
      at += to - from;
      if (end < 0) {
        own.set(stamp, at);
        at += stamp.length;
      } else own[at++] = LF;
      ends[cluster] = at;
    }
    const share = (cluster: number): Uint8Array =>
      (memory[cluster] as Uint8Array).subarray(0, ends[cluster]);
    return new Map(this.#order.map((cluster) => [cluster, share(cluster)]));
  }
}

/** Room for a time that is put behind a line: a space and at most 20 characters. */
const STAMP = 21;
const LF = 10;
