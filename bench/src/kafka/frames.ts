/** Requests of ours, where the Java tools are too coarse. */
import { connect, type Socket } from "node:net";
import { apis } from "../../../packages/codec-kafka/src/generated/apis.ts";
import type { AnyApi } from "../../../packages/codec-kafka/src/wire/api.ts";
import { crc32c } from "../../../packages/codec-kafka/src/wire/crc32c.ts";
import {
  readResponse,
  writeRequest,
  writeResponse,
} from "../../../packages/codec-kafka/src/wire/frame.ts";

/** An API by its name. */
export function apiOf(name: string): AnyApi {
  const api = apis.find((each) => each.name === name);
  if (api === undefined) throw new Error(`no API ${name}`);
  return api;
}

/** A request in one piece. */
export function requestOf(name: string, version: number, body: object): Buffer {
  return Buffer.concat(writeRequest(apiOf(name), version, "bench", body));
}

/** A response in one piece. */
export function responseOf(name: string, version: number, id: number, body: object): Buffer {
  return Buffer.concat(writeResponse(apiOf(name), version, id, body));
}

/** A batch of one record with so many bytes of value; `producerId` -1n = none. */
export function batchOf(bytes: number, producerId = -1n): Buffer {
  const value = Buffer.alloc(bytes, 0x78);
  const record = Buffer.concat([Buffer.from([0, 0, 0, 1]), varint(bytes), value, Buffer.from([0])]);
  const body = Buffer.concat([varint(record.length), record]);
  const head = Buffer.alloc(61);
  head.writeInt32BE(49 + body.length, 8);
  head[16] = 2;
  head.writeBigInt64BE(1_700_000_000_000n, 27);
  head.writeBigInt64BE(1_700_000_000_000n, 35);
  head.writeBigInt64BE(producerId, 43);
  head.writeInt16BE(producerId < 0n ? -1 : 0, 51);
  head.writeInt32BE(producerId < 0n ? -1 : 0, 53);
  head.writeInt32BE(1, 57);
  const batch = Buffer.concat([head, body]);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

/** Asks once on a connection of its own. */
export async function ask(
  port: number,
  name: string,
  version: number,
  body: object,
): Promise<object> {
  const socket = await open(port);
  try {
    const frame = await new Promise<Buffer>((resolve, reject) => {
      let got: Buffer = Buffer.alloc(0);
      socket.on("error", reject);
      socket.on("close", () => reject(new Error(`closed by ${name}`)));
      socket.on("data", (chunk: Buffer) => {
        got = Buffer.concat([got, chunk]);
        if (got.length >= 4 && got.length >= got.readInt32BE(0) + 4) resolve(got);
      });
      socket.write(requestOf(name, version, body));
    });
    return readResponse(apiOf(name), version, frame);
  } finally {
    socket.destroy();
  }
}

/** A connection. */
export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** Signed, zigzag. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
