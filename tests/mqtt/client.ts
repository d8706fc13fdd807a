/** An MQTT client for tests: acknowledges what it gets, keeps QoS 2 ids over reconnects, and shows every packet. */
import { connect as dial, type Socket } from "node:net";
import {
  type Connack,
  type Connect,
  decodePacket,
  encodePacket,
  FRAME,
  FrameReader,
  type Packet,
  type Property,
  type Publish,
  type Qos,
  type Subscription,
  type Version,
} from "@echarde/codec-mqtt";

/** Milliseconds for anything that must come; only a failed test waits so long. */
export const PATIENCE = 20_000;

/** The packet of a type. */
type PacketOf<T extends Packet["type"]> = Packet extends infer P
  ? P extends { readonly type: infer K }
    ? T extends K
      ? P
      : never
    : never
  : never;

/** What a client keeps between its connections. */
export class Memory {
  /** QoS 2 messages that were received and not released. */
  readonly unreleased: Set<number> = new Set<number>();
}

/** One connection. */
export class TestClient {
  /** Messages that came, each QoS 2 one once. */
  readonly messages: Publish[] = [];
  /** Every packet that came. */
  readonly packets: Packet[] = [];
  /** Whether messages are acknowledged; set it to false to keep them in flight. */
  acknowledges = true;
  /** The connection has ended. */
  ended = false;
  readonly version: Version;
  readonly #socket: Socket;
  readonly #memory: Memory;
  readonly #reader: FrameReader;
  readonly #waiting = new Set<() => void>();
  #bytes: Buffer = Buffer.alloc(0);
  #lastId = 0;
  #introduced = false;

  constructor(port: number, version: Version, memory: Memory = new Memory()) {
    this.version = version;
    this.#memory = memory;
    this.#reader = new FrameReader("server", version);
    this.#socket = dial({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => this.#read(chunk));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.ended = true;
      this.#wake();
    });
  }

  /** Sends CONNECT and waits for CONNACK. */
  async connect(more: Partial<Connect> & { readonly clientId: string }): Promise<Connack> {
    this.send({ ...introduction, version: this.version, ...more });
    return this.next("connack");
  }

  /** Sends a packet. */
  send(packet: Packet): void {
    this.raw(encodePacket(packet, this.version));
  }

  /** Sends bytes. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Publishes, and waits until the broker has it. Returns the reason code. */
  async publish(
    topic: string,
    payload: string,
    more: {
      readonly qos?: Qos;
      readonly retain?: boolean;
      readonly properties?: readonly Property[];
    } = {},
  ): Promise<number> {
    const { qos = 0, retain = false, properties = [] } = more;
    const packetId = qos === 0 ? 0 : this.nextId();
    const bytes = Buffer.from(payload);
    this.send({
      type: "publish",
      dup: false,
      qos,
      retain,
      topic,
      packetId,
      properties,
      payload: bytes,
    });
    if (qos === 0) return 0;
    const first = await this.next(qos === 1 ? "puback" : "pubrec", packetId);
    if (qos === 1 || (first.reason ?? 0) >= 0x80) return first.reason ?? 0;
    this.send({ type: "pubrel", packetId, reason: null, properties: null });
    return (await this.next("pubcomp", packetId)).reason ?? 0;
  }

  /** Subscribes. Returns the codes. */
  async subscribe(
    subscriptions: readonly (Partial<Subscription> & { readonly filter: string })[],
    properties: readonly Property[] = [],
  ): Promise<readonly number[]> {
    const packetId = this.nextId();
    const whole = subscriptions.map((each) => ({ ...plainSubscription, ...each }));
    this.send({ type: "subscribe", packetId, properties, subscriptions: whole });
    return (await this.next("suback", packetId)).reasons;
  }

  /** Unsubscribes. Returns the codes. */
  async unsubscribe(...filters: readonly string[]): Promise<readonly number[]> {
    const packetId = this.nextId();
    this.send({ type: "unsubscribe", packetId, properties: [], filters });
    return (await this.next("unsuback", packetId)).reasons;
  }

  /** Takes the next packet of a type (and id) out of `packets`, when it is there. */
  async next<T extends Packet["type"]>(type: T, packetId?: number): Promise<PacketOf<T>> {
    const fits = (packet: Packet): boolean =>
      packet.type === type &&
      (packetId === undefined || ("packetId" in packet && packet.packetId === packetId));
    await this.until(() => this.packets.some(fits), `${type} ${packetId ?? ""}`);
    const [packet] = this.packets.splice(this.packets.findIndex(fits), 1);
    return packet as PacketOf<T>;
  }

  /** Waits for a condition that packets bring about. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const by = Date.now() + PATIENCE;
    while (!condition()) {
      const left = by - Date.now();
      if (this.ended || left <= 0) {
        const have = this.packets.map(({ type }) => type).join(" ");
        throw new Error(
          `${what} did not come${this.ended ? ", the connection ended" : ""}; got: ${have}`,
        );
      }
      await this.#change(left);
    }
  }

  /** Waits for the end of the connection. */
  async closed(): Promise<void> {
    const by = Date.now() + PATIENCE;
    while (!this.ended) {
      if (Date.now() >= by) throw new Error("the connection did not end");
      await this.#change(by - Date.now());
    }
  }

  /** Says DISCONNECT and waits for the end. */
  async disconnect(
    reason: number | null = null,
    properties: readonly Property[] | null = null,
  ): Promise<void> {
    this.send({ type: "disconnect", reason: properties === null ? reason : 0, properties });
    this.#socket.end();
    await this.closed();
  }

  /** Cuts the connection. */
  async drop(): Promise<void> {
    this.#socket.destroy();
    await this.closed();
  }

  /** Takes nothing more from the connection. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads on. */
  unpause(): void {
    this.#socket.resume();
  }

  /** A packet id that is not in use. */
  nextId(): number {
    this.#lastId = (this.#lastId % 0xffff) + 1;
    return this.#lastId;
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, milliseconds));
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  #read(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    let from = 0;
    while (this.#reader.read(this.#bytes, from) === FRAME) {
      const packet = decodePacket(this.#bytes, this.#reader, this.version, "server");
      from = this.#reader.end;
      if (packet.type === "rejection") throw new Error(`the server sent ${packet.message}`);
      this.#take(packet);
    }
    if (this.#reader.rejection !== null) throw new Error(this.#reader.rejection.message);
    this.#bytes = this.#bytes.subarray(from);
    this.#wake();
  }

  #take(packet: Packet): void {
    if (!this.#introduced && packet.type !== "connack")
      throw new Error(`${packet.type} before CONNACK`);
    this.#introduced = true;
    const { unreleased } = this.#memory;
    if (packet.type === "publish") {
      const { qos, packetId } = packet;
      const known = qos === 2 && unreleased.has(packetId);
      if (!known) this.messages.push({ ...packet, payload: Buffer.from(packet.payload) });
      if (qos === 2) unreleased.add(packetId);
      if (this.acknowledges && qos > 0) {
        const type = qos === 1 ? "puback" : "pubrec";
        this.send({ type, packetId, reason: null, properties: null });
      }
      return;
    }
    if (packet.type === "pubrel") {
      unreleased.delete(packet.packetId);
      if (this.acknowledges) this.send({ ...packet, type: "pubcomp", reason: null });
      return;
    }
    this.packets.push(packet);
  }
}

const introduction: Connect = {
  type: "connect",
  version: 4,
  cleanStart: true,
  keepAlive: 60,
  properties: [],
  clientId: "",
  will: null,
  userName: null,
  password: null,
};
const plainSubscription: Subscription = {
  filter: "",
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
};
