/** The smallest protocol: `KEY words\n` is answered by one line. `bye` is answered here and ends the client. */

import type {
  Codec,
  Failure,
  LinkCodec,
  Plan,
  Reaction,
  RouterContext,
  ScanEvent,
  SessionCodec,
} from "@echarde/core";
import { noReaction } from "@echarde/core";

const newline = 10;
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** The model codec of the host's tests. */
export function lines(): Codec {
  return {
    name: "lines",
    matching: "order",
    ordering: "in-order",
    needs: [],
    hashTag: null,
    start: (router) => ({ session: () => new LineSession(router), link: () => new LineLink() }),
  };
}

class LineSession implements SessionCodec {
  end = 0;
  more = false;
  need = 0;
  label = "";
  readonly #router: RouterContext;
  #key: readonly [number, number] = [0, 0];

  constructor(router: RouterContext) {
    this.#router = router;
  }

  request(input: Uint8Array, from: number): Plan | null {
    const at = input.indexOf(newline, from);
    if (at < 0) return null;
    this.end = at + 1;
    const space = input.indexOf(32, from);
    const to = space < 0 || space > at ? at : space;
    this.#key = [from, to];
    this.label = "LINE";
    const word = Buffer.from(input.subarray(from, to)).toString("latin1").trim();
    if (word === "bye") return { type: "local", bytes: [bytes("bye\n")], end: true, release: true };
    const cluster = this.#router.table.route(input, from, to);
    if (cluster < 0) return { type: "refuse", bytes: [bytes("!nobody\n")], end: false };
    return {
      type: "forward",
      cluster,
      node: "",
      lane: "shared",
      hold: false,
      silent: false,
      timeout: -1,
      frames: 1,
      expect: 0,
      id: -1,
    };
  }

  keys(input: Uint8Array): readonly Uint8Array[] {
    return [input.subarray(...this.#key)];
  }
  body(_input: Uint8Array, from: number): number {
    return from;
  }
  readonly wakeAt: number = Number.POSITIVE_INFINITY;
  push(): Reaction {
    return noReaction;
  }
  wake(): Reaction {
    return noReaction;
  }
  failure({ reason, cluster }: Failure): Uint8Array {
    return bytes(`!${reason} ${cluster}\n`);
  }
  pinned(): boolean {
    return false;
  }
  lost(): Reaction {
    return noReaction;
  }
  closed(): void {}
}

class LineLink implements LinkCodec {
  event: ScanEvent = "need";
  id = -1;
  errors = 0;
  readonly closing: boolean = false;

  scan(input: Uint8Array, from: number): number {
    const at = input.indexOf(newline, from);
    this.event = at < 0 ? "piece" : "reply";
    return at < 0 ? input.length : at + 1;
  }
  ended(): boolean {
    return false;
  }
  replayed(): null {
    return null;
  }
  numberRequest(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }
  numberReply(chunk: Uint8Array): readonly Uint8Array[] {
    return [chunk];
  }
}
