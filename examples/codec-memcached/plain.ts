/** Text as bytes, and what most codecs of requests and replies answer to questions that they do not care about. */
import type * as core from "@echarde/core";
import { noReaction } from "@echarde/core";

/** One character a byte. */
export function textOf(bytes: Uint8Array, from = 0, to: number = bytes.length): string {
  let text = "";
  for (let at = from; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}

/** One byte a character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

// #region session
/** A session without bodies that stream, pushes, timers, and links of its own. */
export abstract class PlainSession implements core.SessionCodec {
  end = 0;
  need = 0;
  label = "";
  readonly more: boolean = false;
  readonly wakeAt: number = Number.POSITIVE_INFINITY;
  protected readonly router: core.RouterContext;

  constructor(router: core.RouterContext) {
    this.router = router;
  }

  abstract request(bytes: Uint8Array, from: number): core.Plan | null;
  abstract keys(bytes: Uint8Array): readonly Uint8Array[];
  abstract failure(failure: core.Failure): Uint8Array;

  body(_bytes: Uint8Array, from: number): number {
    return from;
  }

  pinned(_cluster: string): boolean {
    return false;
  }

  push(_frame: Uint8Array, _cluster: string): core.Reaction {
    return noReaction;
  }

  wake(): core.Reaction {
    return noReaction;
  }

  lost(_cluster: string): core.Reaction {
    return noReaction;
  }

  closed(): void {}
}
// #endregion

// #region link
/** A link whose replies are matched by order and that replays no settings. */
export abstract class PlainLink implements core.LinkCodec {
  event: core.ScanEvent = "need";
  errors = 0;
  readonly id: number = -1;
  readonly closing: boolean = false;

  abstract scan(bytes: Uint8Array, from: number, expect: number): number;

  ended(): boolean {
    return false;
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
// #endregion
