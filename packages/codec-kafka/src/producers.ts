/**
 * Producer ids: clients hold one of the default cluster (the virtual id), each other cluster has given its
 * own for it. Clusters count from 0, so their ids do collide. Bounded: the oldest entries go first.
 */

/** See the module. */
export class Producers {
  readonly #ids = new Map<bigint, Map<string, bigint>>();
  /** How often in a row a cluster had no ids to give yet. */
  readonly #loading = new Map<string, number>();

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

  /**
   * Whether a client should ask again because a cluster has no ids to give yet; not so when it keeps on
   * having none, which must not keep the client from the other clusters.
   */
  waits(cluster: string, loading: boolean): boolean {
    const times = loading ? (this.#loading.get(cluster) ?? 0) + 1 : 0;
    if (times === 0) this.#loading.delete(cluster);
    else this.#loading.set(cluster, times);
    return times > 0 && times <= patience;
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

/** Brokers get their ids within milliseconds; clients ask again after about 100. */
const patience = 20;
/** About 20 MB with a few clusters each; producers hold theirs for as long as they live. */
const many = 100_000;
