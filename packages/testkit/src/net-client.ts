import { join } from "@echarde/core";

/** What a client can do to the net; see `Net`. @internal */
export interface ClientControls {
  send(bytes: Uint8Array): void;
  halfClose(): void;
  drop(): void;
  stall(on: boolean): void;
}

/** A client of a router in a simulated network. */
export class NetClient {
  /** Who closed, and how: the router after ("flush") or without ("abort") sending all, or the client itself. */
  closed: "flush" | "abort" | "dropped" | null = null;
  /** Called with each piece that arrives, at its virtual time. */
  onBytes: ((bytes: Uint8Array) => void) | null = null;
  #pieces: Uint8Array[] = [];
  readonly #controls: ClientControls;

  /** @internal */
  constructor(controls: ClientControls) {
    this.#controls = controls;
  }

  /** All that came so far, contiguous. */
  get received(): Uint8Array {
    this.#pieces = [join(this.#pieces)];
    return this.#pieces[0] as Uint8Array;
  }

  /** Sends bytes. */
  send(bytes: Uint8Array): void {
    this.#controls.send(bytes);
  }

  /** Sends no more, but reads on. */
  halfClose(): void {
    this.#controls.halfClose();
  }

  /** Goes away at once. */
  drop(): void {
    this.#controls.drop();
  }

  /** Stops or goes on reading. */
  stall(on: boolean): void {
    this.#controls.stall(on);
  }

  /** @internal */
  take(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.onBytes?.(piece);
  }
}
