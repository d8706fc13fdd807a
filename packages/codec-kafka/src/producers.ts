/**
 * Producer ids: clients hold one of the default cluster (the virtual id), each other cluster has given its
 * own for it. Clusters count from 0, so their ids do collide. Bounded: the oldest entries go first.
 */

/** See the module. */
export class Producers {
  readonly #ids = new Map<bigint, Map<string, bigint>>();

  /** A client got this id from the default cluster. */
  begin(virtual: bigint): void {
    this.#ids.delete(virtual);
    if (this.#ids.size >= many)
      for (const [oldest] of this.#ids) {
        this.#ids.delete(oldest);
        break;
      }
    this.#ids.set(virtual, new Map());
  }

  /** Whether it is known at all; not so when the router has been restarted since. */
  has(virtual: bigint): boolean {
    return this.#ids.has(virtual);
  }

  /** What a cluster has given for it. */
  get(virtual: bigint, cluster: string): bigint | undefined {
    return this.#ids.get(virtual)?.get(cluster);
  }

  /** A cluster has given its own. */
  set(virtual: bigint, cluster: string, id: bigint): void {
    this.#ids.get(virtual)?.set(cluster, id);
  }
}

/** About 20 MB with a few clusters each; producers hold theirs for as long as they live. */
const many = 100_000;
