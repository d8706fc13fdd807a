/**
 * Requests to Kafka brokers.
 *
 * ```
 * words = what of it is routed, as JSON, and the bytes of the request, or how many they are
 * ```
 * Requests of SASL are not recorded, and neither are those that no table has a place for.
 */
import { describeRequest, kafkaOwners, type RequestDescription } from "@echarde/codec-kafka";
import type { Router } from "@echarde/core";
import { HeldBytes } from "./held-bytes.ts";
import {
  largestPacket,
  leftOut,
  type PacketKind,
  type PacketReader,
  quoted,
  type ReaderOptions,
} from "./packets.ts";
import type { Word } from "./trace.ts";

/** See the module. */
export const kafkaPackets: PacketKind = {
  reader: (options) => new KafkaReader(options),
  show: ([words, rest]) => {
    const read = descriptionOf(words);
    const size = leftOut(typeof rest === "number" ? rest : (rest?.length ?? 0));
    if (read === null) return `a packet that cannot be read ${size}`;
    return [`${read.request} v${read.version}`, ...read.names.map(nameOf), size].join(" ");
  },
  plan: ([words], router) => {
    const read = descriptionOf(words);
    if (read === null) return null;
    const owners = ownersOf(router);
    const parts = read.names.map((name) => {
      const { cluster, because } = owners(name);
      return { name: nameOf(name), clusters: cluster === null ? [] : [cluster], because };
    });
    return { request: read.request, parts };
  },
};

class KafkaReader implements PacketReader {
  readonly #held = new HeldBytes();
  readonly #values: boolean;
  readonly #packet: ReaderOptions["packet"];

  constructor({ values, packet }: ReaderOptions) {
    this.#values = values;
    this.#packet = packet;
  }

  read(chunk: Uint8Array): boolean {
    const bytes = this.#held.add(chunk);
    if (bytes === null) return true;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let need = lengthBytes;
    for (; bytes.length - at >= lengthBytes; at += need, need = lengthBytes) {
      const length = view.getInt32(at);
      if (length < 0 || length > largestPacket) return false;
      need = lengthBytes + length;
      if (bytes.length - at < need) break;
      if (!this.#take(bytes.subarray(at, at + need))) return false;
    }
    this.#held.keep(bytes.slice(at), need);
    return true;
  }

  #take(frame: Uint8Array): boolean {
    const read = describeRequest(frame);
    if (read === null) return false;
    if (read.names.length === 0) return true;
    const words = new Uint8Array(Buffer.from(JSON.stringify(read)));
    this.#packet([words, this.#values ? frame.slice() : frame.length]);
    return true;
  }
}

/** A topic with its partitions, as in `topic "orders" [0, 2]`. */
function nameOf({ kind, name, partitions }: RequestDescription["names"][number]): string {
  const list = partitions.length === 0 ? "" : ` [${partitions.join(", ")}]`;
  return `${kind} ${quoted(name)}${list}`;
}

function descriptionOf(word: Word | undefined): RequestDescription | null {
  if (!(word instanceof Uint8Array)) return null;
  try {
    const read = JSON.parse(Buffer.from(word).toString("utf8")) as Partial<RequestDescription>;
    const { request, version, names } = read;
    if (typeof request !== "string" || typeof version !== "number") return null;
    if (!Array.isArray(names) || !names.every(isName)) return null;
    return { request: request.replace(/[^A-Za-z]/g, ""), version, names };
  } catch {
    return null;
  }
}

function isName(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, partitions } = value as Record<string, unknown>;
  const numbers = Array.isArray(partitions) && partitions.every((each) => Number.isInteger(each));
  return (
    ["topic", "group", "transactional id"].includes(String(kind)) &&
    typeof name === "string" &&
    numbers
  );
}

/** Finding owners is made of the whole table: once for all packets of a replay. */
function ownersOf(router: Router): ReturnType<typeof kafkaOwners> {
  const known = owners.get(router);
  if (known !== undefined) return known;
  const made = kafkaOwners(router.table);
  owners.set(router, made);
  return made;
}

const owners = new WeakMap<Router, ReturnType<typeof kafkaOwners>>();
const lengthBytes = 4;
