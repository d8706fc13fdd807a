/** What most codecs of request and response protocols answer to the questions that they do not care about. */
import type {
  Failure,
  Forward,
  LinkCodec,
  Plan,
  Reaction,
  ScanEvent,
  SessionCodec,
  Slot,
} from "@echarde/core";
import { noReaction } from "@echarde/core";
import { latin1 } from "../text.ts";

/** Extend it with `request` and `failure`. */
export abstract class ModelSession implements SessionCodec {
  end = 0;
  more = false;
  need = 0;
  label = "";
  /** Positions of the last request's keys: from, to, from, to, … */
  protected keyRanges: number[] = [];

  abstract request(bytes: Uint8Array, from: number): Plan | null;
  abstract failure(failure: Failure, plan: Forward | null): Uint8Array;

  keys(bytes: Uint8Array): readonly Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let i = 0; i < this.keyRanges.length; i += 2) {
      keys.push(bytes.subarray(this.keyRanges[i], this.keyRanges[i + 1]));
    }
    return keys;
  }

  body(_bytes: Uint8Array, from: number): number {
    return from;
  }

  readonly wakeAt: number = Number.POSITIVE_INFINITY;

  push(_frame: Uint8Array, _cluster: string): Reaction {
    return noReaction;
  }

  wake(): Reaction {
    return noReaction;
  }

  pinned(_cluster: string): boolean {
    return false;
  }

  lost(_cluster: string): Reaction {
    return noReaction;
  }

  closed(): void {}
}

/** Extend it with `scan`. */
export abstract class ModelLink implements LinkCodec {
  event: ScanEvent = "need";
  id = -1;
  errors = 0;
  readonly closing: boolean = false;

  abstract scan(bytes: Uint8Array, from: number, expect: number): number;

  ended(): boolean {
    return false;
  }

  replayed(_slot: Slot, _frame: Uint8Array): Uint8Array | null {
    return null;
  }

  numberRequest(chunk: Uint8Array, _id: number): readonly Uint8Array[] {
    return [chunk];
  }

  numberReply(chunk: Uint8Array, _id: number): readonly Uint8Array[] {
    return [chunk];
  }
}

/** `-reason cluster` as a line, or the server's own words. */
export function failureLine(failure: Failure): Uint8Array {
  return failure.reply ?? latin1(`-${failure.reason} ${failure.cluster}\n`);
}
