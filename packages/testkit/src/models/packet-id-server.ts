import { join } from "@echarde/core";
import type { ModelServer, ServerOutput } from "../model-server.ts";
import { textOf } from "../text.ts";
import * as wire from "./packet-id-wire.ts";

interface Subscriber {
  input: Uint8Array;
  readonly filters: Set<string>;
  lastId: number;
  readonly unacknowledged: Set<number>;
}

/** A server of the model `packet-id`. */
export class PacketIdServer implements ModelServer {
  readonly #subscribers = new Map<number, Subscriber>();
  /** Acknowledgements of what was never delivered: a router that maps ids wrongly. */
  strayAcknowledgements = 0;

  /** Deliveries not acknowledged yet, over all connections. */
  get unacknowledged(): number {
    return [...this.#subscribers.values()].reduce((sum, each) => sum + each.unacknowledged.size, 0);
  }

  opened(connection: number): readonly ServerOutput[] {
    const [filters, unacknowledged] = [new Set<string>(), new Set<number>()];
    const input = new Uint8Array(0);
    this.#subscribers.set(connection, { input, filters, lastId: 0, unacknowledged });
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#subscribers.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    const client = this.#subscribers.get(connection);
    if (client === undefined) return [];
    const input = join([client.input, bytes]);
    const outputs: ServerOutput[] = [];
    let from = 0;
    for (;;) {
      const length = wire.packetLength(input, from);
      if (length === 0 || input.length - from < length) break;
      this.#run(connection, client, input.subarray(from, from + length), outputs);
      from += length;
    }
    client.input = input.slice(from);
    return outputs;
  }

  #run(connection: number, client: Subscriber, frame: Uint8Array, outputs: ServerOutput[]): void {
    const id = wire.packetId(frame, 0);
    const payload = frame.subarray(4);
    const reply = (type: number, body: readonly number[]): void => {
      outputs.push({ connection, bytes: wire.packet(type, id, body), end: type === wire.FAILED });
    };
    switch (frame[0]) {
      case wire.SUBSCRIBE: {
        const filters = textOf(payload).match(/../g) ?? [];
        for (const filter of filters) client.filters.add(filter);
        reply(
          wire.SUBSCRIBED,
          filters.map(() => 1),
        );
        return;
      }
      case wire.PUBLISH:
        reply(wire.PUBLISHED, []);
        this.#deliver(textOf(payload, 0, 2), payload, outputs);
        return;
      case wire.ACKNOWLEDGE:
        if (!client.unacknowledged.delete(id)) this.strayAcknowledgements += 1;
        return;
      case wire.PING:
        reply(wire.PONG, []);
        return;
      default:
        reply(wire.FAILED, []);
    }
  }

  #deliver(topic: string, payload: Uint8Array, outputs: ServerOutput[]): void {
    for (const [connection, client] of this.#subscribers) {
      if (!client.filters.has(topic) && !client.filters.has(`${topic[0]}*`)) continue;
      client.lastId = (client.lastId % 0xffff) + 1;
      client.unacknowledged.add(client.lastId);
      outputs.push({
        connection,
        bytes: wire.packet(wire.DELIVER, client.lastId, payload),
        end: false,
      });
    }
  }
}
