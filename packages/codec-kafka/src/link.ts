/** Frames what a broker sends: a length and a correlation id, whatever follows. */
import type { LinkCodec, ScanEvent, Slot } from "@echarde/core";
import { judged } from "./plans/sasl-slots.ts";
import { renumbered } from "./wire/frame.ts";

/** See the module. */
export class KafkaLink implements LinkCodec {
  event: ScanEvent = "need";
  id = 0;
  readonly closing: boolean = false;
  readonly errors: number = 0;
  renewAfter = 0;
  readonly #limit: number;
  readonly #greeting: readonly Slot[];
  #left = 0;

  /** `limit` = bytes of the longest response; `greeting` = the router's own credentials, as slots. */
  constructor(limit: number, greeting: readonly Slot[]) {
    this.#limit = limit;
    this.#greeting = greeting;
  }

  greeting(): readonly Slot[] {
    return this.#greeting;
  }

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (this.#left === 0) {
      if (bytes.length - from < 8) {
        this.event = "need";
        return from;
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset + from, 8);
      const length = view.getInt32(0);
      if (length < 4 || length > this.#limit) {
        this.event = "garbage";
        return from;
      }
      this.#left = length + 4;
      this.id = view.getInt32(4);
    }
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.event = this.#left === 0 ? "reply" : "piece";
    return end;
  }

  ended(): boolean {
    return false;
  }

  replayed(slot: Slot, frame: Uint8Array): Uint8Array | null {
    const { refusal, renewAfter } = judged(slot, frame);
    this.renewAfter = renewAfter;
    return refusal;
  }

  numberRequest(chunk: Uint8Array, id: number): readonly Uint8Array[] {
    return renumbered(chunk, 8, id);
  }

  numberReply(chunk: Uint8Array, id: number): readonly Uint8Array[] {
    return renumbered(chunk, 4, id);
  }
}
