/** Requests by hand, for what no client would do. */
import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { apis } from "../../packages/codec-kafka/src/generated/apis.ts";
import type { AnyApi } from "../../packages/codec-kafka/src/wire/api.ts";
import { crc32c } from "../../packages/codec-kafka/src/wire/crc32c.ts";
import { readResponse, writeRequest } from "../../packages/codec-kafka/src/wire/frame.ts";

/** A connection that asks one thing at a time. */
export class Asking {
  readonly #socket: Socket;
  #got: Buffer = Buffer.alloc(0);
  #wake: () => void = () => {};
  #closed = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => {
      this.#got = Buffer.concat([this.#got, chunk]);
      this.#wake();
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Asks, and waits for the answer. */
  async ask(api: AnyApi, version: number, body: object): Promise<object> {
    for (const chunk of writeRequest(api, version, "asking", body)) this.#socket.write(chunk);
    while (this.#got.length < 4 || this.#got.length < this.#got.readInt32BE(0) + 4) {
      if (this.#closed) throw new Error(`closed by ${api.name} ${version}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const length = this.#got.readInt32BE(0) + 4;
    const frame = this.#got.subarray(0, length);
    this.#got = this.#got.subarray(length);
    return readResponse(api, version, frame);
  }

  /** Closes the connection. */
  close(): void {
    this.#socket.destroy();
  }
}

/** An API by its name. */
export function apiOf(name: string): AnyApi {
  const api = apis.find((each) => each.name === name);
  assert.ok(api !== undefined, name);
  return api;
}

/** Whose batch it is, and which. */
export interface Sender {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/** A batch of one record, of which nobody looks at the inside but its reader. */
export function batch(value: string, sender: Sender = nobody): Uint8Array {
  const record = Buffer.from([0, 0, 0, 1, 2 * value.length, ...Buffer.from(value), 0]);
  const body = Buffer.concat([Buffer.from([2 * record.length]), record]);
  const head = Buffer.alloc(61);
  head.writeInt32BE(49 + body.length, 8);
  head[16] = 2;
  head.writeBigInt64BE(1_700_000_000_000n, 27);
  head.writeBigInt64BE(1_700_000_000_000n, 35);
  head.writeBigInt64BE(sender.producerId, 43);
  head.writeInt16BE(sender.epoch, 51);
  head.writeInt32BE(sender.sequence, 53);
  head.writeInt32BE(1, 57);
  const all = Buffer.concat([head, body]);
  all.writeUInt32BE(crc32c(all, 21), 17);
  return all;
}

const nobody: Sender = { producerId: -1n, epoch: -1, sequence: -1 };
