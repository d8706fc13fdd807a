/**
 * Partitions of a producer that the router did not know when it sent a batch. The router (or its file) is
 * new, so a batch may be one that the cluster has already, sent again because its answer was lost; under
 * the new id the broker would take it for another.
 *
 * ```
 *   first batch ──▶ refused ──another in its place, or as many refused as may be in flight──▶ goes on
 *                     └── itself again, or one behind it: refused
 * ```
 * The client gives a refused batch up. The Java client and those like it then send what was in flight behind
 * it under a new epoch, from sequence 0: the epoch does not tell old batches from new ones, their number does.
 */
import type { BatchHead } from "./wire/batch.ts";

interface Refused {
  readonly first: BatchHead;
  /** CRCs of all that were refused. */
  readonly all: Set<number>;
}

/** See the module. */
export class RecoveredPartitions {
  /** By partition, null = goes on. */
  readonly #refused = new Map<string, Refused | null>();

  /** Whether a batch must be refused. `partition` = its name among those of the producer. */
  refuses(partition: string, batch: BatchHead): boolean {
    const refused = this.#refused.get(partition);
    if (refused === null) return false;
    if (refused === undefined) {
      const [oldest] = this.#refused.keys();
      if (this.#refused.size >= many && oldest !== undefined) this.#refused.delete(oldest);
      this.#refused.set(partition, { first: batch, all: new Set([batch.crc]) });
      return true;
    }
    const { first, all } = refused;
    if (all.has(batch.crc)) return true; // the refusal was not heard
    const inPlace = batch.epoch === first.epoch && batch.sequence === first.sequence;
    if (inPlace || all.size >= mostInFlight) {
      this.#refused.set(partition, null);
      return false;
    }
    all.add(batch.crc);
    return true;
  }
}

/** Batches of a partition that an idempotent producer may have in flight: what brokers can tell from others. */
const mostInFlight = 5;
/** One that is forgotten is refused anew: nothing is lost but batches, visibly. */
const many = 10_000;
