/**
 * MQTT by way of mqtt-packet: each client is with one broker, which the table finds by its client
 * id. Packets pass as they are; only CONNECT is read.
 * MQTT 5.0 and 3.1.1: https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html
 */
import * as core from "@echarde/core";
import { type IConnectPacket, parser } from "mqtt-packet";

/** Length of the packet at `from` by its fixed header, 0 = too few bytes, -1 = not the protocol (MQTT 5, 2.1.4). */
function lengthOf(bytes: Uint8Array, from: number): number {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + 1 + i];
    if (byte === undefined) return 0;
    length += (byte & 127) << (7 * i);
    if (byte < 128) return length + 2 + i;
  }
  return -1;
}

/** A CONNECT, null when it is none. */
function connectIn(packet: Uint8Array): IConnectPacket | null {
  let found: IConnectPacket | null = null;
  const reader = parser();
  reader.on("packet", (each) => {
    if (each.cmd === "connect") found = each;
  });
  reader.on("error", () => {}); // then nothing is found
  reader.parse(Buffer.from(packet));
  return found;
}

class Session extends core.BaseSession {
  #broker = -1;
  #version = 4;

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const length = lengthOf(bytes, from);
    this.need = length;
    if (length < 0) return core.refuse([], { end: true });
    if (length === 0 || bytes.length - from < length) return null;
    this.end = from + length;
    this.label = `packet ${(bytes[from] as number) >> 4}`;
    if (this.#broker >= 0) return core.forward(this.#broker, { lane: "private", frames: 0 });
    const connect = connectIn(bytes.subarray(from, this.end));
    if (connect === null) return core.refuse([], { end: true });
    const { table } = this.router;
    const key = core.encodeUtf8(connect.clientId);
    this.shardKeys = [key];
    this.#version = connect.protocolVersion ?? 4;
    this.#broker = key.length > 0 ? table.route(key, 0, key.length) : table.localCluster;
    if (this.#broker < 0) return core.refuse(this.failure(), { end: true });
    return core.forward(this.#broker, { lane: "private", hold: true });
  }

  override push(frame: Uint8Array): core.Reaction {
    return core.reaction({ emit: [core.emission(null, frame)] });
  }

  override pinned(): boolean {
    return true;
  }

  override lost(): core.Reaction {
    return core.reaction({ end: true });
  }

  /** CONNACK "server unavailable": nothing but CONNECT waits for a reply. */
  failure(): Uint8Array {
    return Uint8Array.from(this.#version === 5 ? [0x20, 3, 0, 0x88, 0] : [0x20, 2, 0, 3]);
  }
}

class Link extends core.FramedLink {
  /** CONNACK answers CONNECT; all that follows answers nothing that core should wait for. */
  protected open(bytes: Uint8Array, from: number): number {
    const length = lengthOf(bytes, from);
    if (length > 0) this.isPush = (bytes[from] as number) >> 4 !== 2;
    return length;
  }
}

/** For `createRouter` and `createShardServer`. */
export const mqttOnPacket: core.Codec = core.defineCodec(
  "mqtt",
  (router) => ({ session: () => new Session(router), link: () => new Link() }),
  { needs: ["unsolicitedReply", "privateLinks", "timers"] },
);
