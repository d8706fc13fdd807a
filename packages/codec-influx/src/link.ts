import type { LinkCodec, ScanEvent } from "@echarde/core";
import { ResponseReader } from "@echarde/http1";

/** What `expect` says of a reply. */
export const expects = {
  /** A body may follow. */
  body: 0,
  /** It answers HEAD. */
  head: 1,
} as const;

/** Frames responses. */
export class InfluxLink implements LinkCodec {
  event: ScanEvent = "need";
  readonly id = 0;
  errors = 0;
  closing = false;
  readonly #reader = new ResponseReader();

  scan(bytes: Uint8Array, from: number, expect: number): number {
    const reader = this.#reader;
    const end = reader.read(bytes, from, expect === expects.head ? "HEAD" : "other");
    switch (reader.event) {
      case "fault":
        this.event = "garbage";
        return end;
      case "need":
        this.event = "need";
        return from;
      case "head":
        if (reader.head.status >= 400) this.errors += 1;
        this.closing = !reader.keepAlive;
        break;
      default:
    }
    const { interim } = reader.head;
    this.event = reader.complete && !interim ? "reply" : "piece";
    return end;
  }

  ended(): boolean {
    return this.#reader.ended();
  }

  replayed(): Uint8Array | null {
    return null;
  }

  numberRequest(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }

  numberReply(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }
}
