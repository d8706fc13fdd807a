/**
 * Producer ids: clients hold one of the default cluster (the virtual id), each other cluster has given its
 * own for it. Clusters count from 0, so their ids do collide. Bounded: those unused for longest go first;
 * a host that keeps them is asked again.
 */
import type { Producer } from "./producer.ts";
import { RecoveredPartitions } from "./recovered-partitions.ts";
import type { BatchHead } from "./wire/batch.ts";

interface Known {
  readonly producer: Producer;
  /** When the host was last told or asked. */
  readonly confirmedAt: number;
  usedAt: number;
  readonly recovered: RecoveredPartitions | null;
}

/** See the module. */
export class Producers {
  readonly #known = new Map<bigint, Known>();
  /** How often in a row a cluster had no ids to give yet. */
  readonly #loading = new Map<string, number>();

  /** What is known of an id; undefined = nothing, so not when the router was restarted since. */
  get(virtual: bigint): Producer | undefined {
    return this.#known.get(virtual)?.producer;
  }

  /** What a cluster has given for it, for a batch that comes now. */
  use(virtual: bigint, cluster: string, now: number): bigint | undefined {
    const known = this.#known.get(virtual);
    if (known === undefined) return undefined;
    if (now - known.usedAt > noticed) {
      known.usedAt = now;
      this.#known.delete(virtual);
      this.#known.set(virtual, known);
    }
    return known.producer.ids.get(cluster);
  }

  /** Whether the host must hear that it is still in use. */
  isDue(virtual: bigint, now: number): boolean {
    const known = this.#known.get(virtual);
    return known !== undefined && now - known.confirmedAt > confirmEvery;
  }

  /** What is known of it from now on. `anew` = a client has just got it, nothing of the time before counts. */
  set(virtual: bigint, producer: Producer, now: number, anew: boolean): void {
    const before = anew ? undefined : this.#known.get(virtual);
    const recovered = producer.recovered ? (before?.recovered ?? new RecoveredPartitions()) : null;
    this.#known.delete(virtual);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= many && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(virtual, { producer, confirmedAt: now, usedAt: now, recovered });
  }

  /** Whether a batch may be one that the cluster has already, under an id that nobody knows any more. */
  refuses(virtual: bigint, partition: string, batch: BatchHead): boolean {
    return this.#known.get(virtual)?.recovered?.refuses(partition, batch) ?? false;
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
}

/** Brokers get their ids within milliseconds; clients ask again after about 100. */
const patience = 20;
/** About 20 MB with a few clusters each; producers hold theirs for as long as they live. */
const many = 100_000;
/** Milliseconds within which the order of use does not matter. */
const noticed = 60_000;
/** The host forgets what nobody asked for in days. */
const confirmEvery = 24 * 3_600_000;
