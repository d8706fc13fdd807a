import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { reset } from "./reset.ts";

/** A direction through the relay. */
export type RelayDirection = "toServer" | "toClient";

/** What is wrong with one direction. All byte counts are per connection and start at `set`. */
export interface RelayFault {
  /** Every byte arrives so many milliseconds later. Order is kept. */
  readonly delayMs?: number;
  /** After so many bytes both sides get a RST. */
  readonly cutAfter?: number;
  /** After so many bytes nothing passes any more, and the sender meets back-pressure. */
  readonly stallAfter?: number;
  /** Each byte is a write of its own. */
  readonly oneByte?: boolean;
}

/** What is wrong with a relay. What is left out is right. */
export interface RelayFaults {
  /** From the client to the server. */
  readonly toServer?: RelayFault;
  /** From the server to the client. */
  readonly toClient?: RelayFault;
  /** Everything is swallowed and no end is passed on: the other machine has vanished. */
  readonly halfOpen?: boolean;
  /** New connections get a RST at once. */
  readonly refuse?: boolean;
}

/** A TCP relay in this process that misbehaves as it is told. */
export interface Relay {
  /** Its port on 127.0.0.1. */
  readonly port: number;
  /** Connections that pass through it now. */
  readonly connections: number;
  /** Connections that it ever accepted. */
  readonly accepted: number;
  /** Bytes that it ever passed on, over all connections; not those of `inject`. */
  readonly passed: Readonly<Record<RelayDirection, number>>;
  /** Replaces all faults, for connections that are open too. `set({})` heals it. */
  set(faults: RelayFaults): void;
  /** Writes bytes that nobody sent into every open connection. Default: towards the client. */
  inject(bytes: Uint8Array | string, direction?: RelayDirection): void;
  /** Sends a RST to both sides of every open connection. */
  reset(): void;
  /** Ends every connection and the listener. */
  close(): Promise<void>;
}

/** How to start a relay. */
export interface RelayOptions extends RelayFaults {
  /** Its port. Default: one that the system gives. */
  readonly port?: number;
}

/** What may wait inside the relay in one direction before the sender is paused, in bytes. */
const HELD_LIMIT = 256 * 1024;

/** libuv reports bytes and a RST that it meets in one poll as bytes and a clean end. */
const CUT_DELAY_MS = 10;

/**
 * Starts a relay.
 *
 * @param targetPort - a TCP port of 127.0.0.1
 */
export async function startRelay(targetPort: number, options: RelayOptions = {}): Promise<Relay> {
  const relay = new FaultyRelay(targetPort, options);
  await relay.listen(options.port ?? 0);
  return relay;
}

class FaultyRelay implements Relay {
  port = 0;
  accepted = 0;
  readonly passed: Record<RelayDirection, number> = { toServer: 0, toClient: 0 };
  #faults: RelayFaults;
  #server: Server;
  #pairs = new Set<Pair>();

  constructor(targetPort: number, faults: RelayFaults) {
    this.#faults = faults;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.accepted++;
      if (this.#faults.refuse === true) {
        client.on("error", () => {});
        reset(client);
        return;
      }
      const pair = new Pair(client, targetPort, this.#faults, {
        passed: (direction, bytes) => {
          this.passed[direction] += bytes;
        },
        gone: () => this.#pairs.delete(pair),
      });
      this.#pairs.add(pair);
    });
  }

  get connections(): number {
    return this.#pairs.size;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  set(faults: RelayFaults): void {
    this.#faults = faults;
    for (const pair of this.#pairs) pair.set(faults);
  }

  inject(bytes: Uint8Array | string, direction: RelayDirection = "toClient"): void {
    for (const pair of this.#pairs) pair[direction].inject(Buffer.from(bytes));
  }

  reset(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  close(): Promise<void> {
    this.reset();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** What a pair tells its relay. */
interface Told {
  passed(direction: RelayDirection, bytes: number): void;
  gone(): void;
}

/** The two sockets of one connection. */
class Pair {
  readonly toServer: Flow;
  readonly toClient: Flow;
  #client: Socket;
  #server: Socket;
  #faults: RelayFaults;
  #told: Told;

  constructor(client: Socket, targetPort: number, faults: RelayFaults, told: Told) {
    const server = connect({
      ...{ port: targetPort, host: "127.0.0.1" },
      ...{ allowHalfOpen: true, noDelay: true },
    });
    this.#client = client;
    this.#server = server;
    this.#faults = faults;
    this.#told = told;
    const flow = (direction: RelayDirection): FlowTold => ({
      cut: () => this.reset(),
      passed: (bytes) => told.passed(direction, bytes),
    });
    this.toServer = new Flow(client, server, flow("toServer"));
    this.toClient = new Flow(server, client, flow("toClient"));
    this.set(faults);
    for (const socket of [client, server]) {
      socket.on("error", () => {});
      socket.on("close", (failed: boolean) => this.#closed(failed));
    }
  }

  set(faults: RelayFaults): void {
    this.#faults = faults;
    const swallow = faults.halfOpen === true;
    this.toServer.set(faults.toServer ?? {}, swallow);
    this.toClient.set(faults.toClient ?? {}, swallow);
  }

  reset(): void {
    reset(this.#client);
    reset(this.#server);
    this.#told.gone();
  }

  #closed(failed: boolean): void {
    if (failed && this.#faults.halfOpen !== true) this.reset();
    if (this.#client.destroyed && this.#server.destroyed) this.#told.gone();
  }
}

interface Held {
  readonly bytes: Buffer | "end";
  readonly due: number;
}

/** What a flow tells its pair. */
interface FlowTold {
  cut(): void;
  passed(bytes: number): void;
}

/** One direction of one connection: what came in waits here until it is due. */
class Flow {
  #from: Socket;
  #to: Socket;
  #told: FlowTold;
  #fault: RelayFault = {};
  #swallow = false;
  #queue: Held[] = [];
  #held = 0;
  #passed = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #blocked = false;

  constructor(from: Socket, to: Socket, told: FlowTold) {
    this.#from = from;
    this.#to = to;
    this.#told = told;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#take("end"));
    from.on("close", () => this.#forget(from.errored !== null));
    to.on("close", () => this.#forget(true));
    to.on("drain", () => {
      this.#blocked = false;
      this.#run();
    });
  }

  set(fault: RelayFault, swallow: boolean): void {
    this.#fault = fault;
    this.#swallow = swallow;
    this.#passed = 0;
    this.#run();
  }

  inject(bytes: Buffer): void {
    this.#to.write(bytes);
  }

  #take(bytes: Buffer | "end"): void {
    if (this.#swallow) return;
    this.#queue.push({ bytes, due: performance.now() + (this.#fault.delayMs ?? 0) });
    if (bytes !== "end") this.#held += bytes.length;
    this.#run();
  }

  /** Passes on all that may go now, and sees to it that it is called for the rest. */
  #run(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    while (!this.#blocked) {
      const head = this.#queue[0];
      if (head === undefined) break;
      const wait = head.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#run(), Math.ceil(wait));
        break;
      }
      if (head.bytes === "end") {
        this.#queue.shift();
        this.#to.end();
      } else if (!this.#pass(head.bytes, head.due)) {
        break;
      }
    }
    if (this.#held > HELD_LIMIT || this.#blocked || this.#stalled()) this.#from.pause();
    else this.#from.resume();
  }

  /** Passes on the first chunk or a part of it; false when no more may go in this turn. */
  #pass(bytes: Buffer, due: number): boolean {
    const { cutAfter = Infinity, stallAfter = Infinity, oneByte = false } = this.#fault;
    const room = Math.min(cutAfter, stallAfter) - this.#passed;
    const size = Math.max(0, Math.min(bytes.length, room, oneByte ? 1 : Infinity));
    if (size > 0) {
      const last = this.#passed + size === cutAfter;
      const sent = last ? (): unknown => setTimeout(this.#told.cut, CUT_DELAY_MS) : undefined;
      this.#blocked = !this.#to.write(bytes.subarray(0, size), sent);
      this.#passed += size;
      this.#told.passed(size);
      this.#held -= size;
      if (size === bytes.length) this.#queue.shift();
      else this.#queue[0] = { bytes: bytes.subarray(size), due };
    }
    if (cutAfter === 0) this.#told.cut();
    if (this.#passed >= cutAfter || this.#stalled()) return false;
    if (oneByte) {
      // in a turn of its own, so that the system does not put the bytes together again
      this.#turn = setImmediate(() => this.#run());
      return false;
    }
    return true;
  }

  #stalled(): boolean {
    return this.#passed >= (this.#fault.stallAfter ?? Infinity);
  }

  #forget(now: boolean): void {
    if (!now) return;
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#queue = [];
    this.#held = 0;
  }
}
