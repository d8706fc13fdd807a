import { join } from "@echarde/core";
import type { ModelServer, ServerOutput } from "../model-server.ts";
import { latin1 } from "../text.ts";
import { correlated, frameLength, GET, idAt, META, SEND } from "./correlation-wire.ts";

/** What a node of the model `correlation` knows. */
export interface CorrelationNode {
  /** Addresses of its cluster's nodes: of even keys, of odd keys. */
  readonly nodes: readonly [string, string];
  /** Whether it is the leader of a key; it refuses others with status 0. */
  readonly leads: (key: number) => boolean;
  /** Answers all requests of one delivery in reverse, as a server may that runs them at once. */
  readonly reverse: boolean;
}

/** A server of the model `correlation`. */
export class CorrelationServer implements ModelServer {
  readonly #node: CorrelationNode;
  readonly #values = new Map<number, number>();
  readonly #inputs = new Map<number, Uint8Array>();

  constructor(node: CorrelationNode) {
    this.#node = node;
  }

  opened(connection: number): readonly ServerOutput[] {
    this.#inputs.set(connection, new Uint8Array(0));
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#inputs.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    const input = join([this.#inputs.get(connection) ?? new Uint8Array(0), bytes]);
    const outputs: ServerOutput[] = [];
    let from = 0;
    for (;;) {
      const length = frameLength(input, from);
      if (length === 0 || input.length - from < length) break;
      const reply = this.#run(input.subarray(from, from + length));
      if (reply !== null) outputs.push({ connection, bytes: reply, end: false });
      from += length;
    }
    this.#inputs.set(connection, input.slice(from));
    return this.#node.reverse ? outputs.reverse() : outputs;
  }

  #run(frame: Uint8Array): Uint8Array | null {
    const id = idAt(frame, 0);
    const operation = frame[6];
    if (operation === META) return correlated(id, -1, [...latin1(this.#node.nodes.join(","))]);
    const payload = frame.subarray(7);
    if (operation === GET) {
      return correlated(
        id,
        -1,
        Array.from(payload, (key) => (this.#node.leads(key) ? (this.#values.get(key) ?? 0) : 33)),
      );
    }
    const statuses: number[] = [];
    for (let at = 0; at < payload.length; at += 2) {
      const [key, value] = [payload[at] as number, payload[at + 1] as number];
      if (this.#node.leads(key)) this.#values.set(key, value);
      statuses.push(this.#node.leads(key) ? 1 : 33);
    }
    return operation === SEND ? null : correlated(id, -1, statuses);
  }
}
