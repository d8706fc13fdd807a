/** What most framers of replies answer to questions that they do not care about. */
import type { LinkCodec, ScanEvent } from "../codec.ts";
import type { Slot } from "../journal.ts";

/**
 * A link that ends no reply by closing, replays no settings that could be
 * refused, and leaves ids as they are: `scan` is left to write. It sets
 * `event`, and `id` when replies are matched by id.
 */
export abstract class BaseLink implements LinkCodec {
  event: ScanEvent = "need";
  id = -1;
  errors = 0;
  closing = false;

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
