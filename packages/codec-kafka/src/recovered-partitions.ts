/**
 * Partitions of a producer that the router did not know when it sent a batch. The router (or its file) is
 * new, so a batch may be one that the cluster has already, sent again because its answer was lost; under
 * the new id the broker would take it for another.
 *
 * ```
 *   first batch ──▶ refused ── of a later epoch, or another one in its place ──▶ goes on
 *                     └── itself again, or one behind it that was in flight, too: refused
 * ```
 * The client gives a refused batch up: most begin a new epoch then, some put the next batch in its place.
 */
import type { BatchHead } from "./wire/batch.ts";

/** See the module. */
export class RecoveredPartitions {
  readonly #refused = new Map<string, BatchHead | null>();

  /** Whether a batch must be refused. `partition` = its name among those of the producer. */
  refuses(partition: string, batch: BatchHead): boolean {
    const first = this.#refused.get(partition);
    if (first === null) return false;
    if (first !== undefined && goesOn(first, batch)) {
      this.#refused.set(partition, null);
      return false;
    }
    if (first === undefined) {
      const [oldest] = this.#refused.keys();
      if (this.#refused.size >= many && oldest !== undefined) this.#refused.delete(oldest);
      this.#refused.set(partition, batch);
    }
    return true;
  }
}

function goesOn(first: BatchHead, batch: BatchHead): boolean {
  if (batch.epoch !== first.epoch) return batch.epoch > first.epoch;
  return batch.sequence <= first.sequence && batch.crc !== first.crc;
}

/** One that is forgotten is refused once more: nothing is lost but a batch, visibly. */
const many = 10_000;
