/**
 * A router, its clients and its servers in one process and in virtual time.
 *
 * ```
 *   client ══pipe══▶ router ══pipe══▶ server        pipes delay and cut, each in its own way:
 *          ◀══pipe══        ◀══pipe══               order holds inside a pipe, never between pipes
 * ```
 * Drives the router as a host does, and fails when the router breaks the
 * contract of its effects: an effect for a peer that is not there, anything
 * after an end, a write before a link stands, a deadline that a host would
 * spin on, a run that never comes to rest. Equal seeds give equal runs.
 */
import {
  createRouter,
  type Effect,
  type Effects,
  type HostAsk,
  type Peer,
  type Router,
  type RouterOptions,
} from "@echarde/core";
import type { ModelServer, ServerAt, ServerOutput } from "./model-server.ts";
import { NetClient } from "./net-client.ts";
import { Pipe } from "./pipe.ts";
import { Random } from "./random.ts";
import { Schedule } from "./schedule.ts";
import { fairWeather, type Weather } from "./weather.ts";

/** What a net is made of. */
export interface NetOptions {
  /** The router under test. With `reusesInput` the net overwrites inputs as such a host would. */
  readonly router: RouterOptions;
  /** The servers behind the table's endpoints and nodes; each is made once. */
  readonly serverAt: ServerAt;
  /** Of the schedule. */
  readonly seed: number;
  /** `fairWeather` unless given. */
  readonly weather?: Weather;
  /** Inputs after which the run counts as a livelock; 200,000 unless given. */
  readonly maxSteps?: number;
  /** The host's answers to asks; without it an ask is a failure. */
  readonly answer?: (ask: HostAsk) => unknown;
}

/** A broken rule; the message ends with the last inputs of the run. */
export class NetError extends Error {
  override readonly name: string = "NetError";
}

interface Connection {
  readonly number: number;
  readonly peer: Peer;
  /** Towards the router. */
  readonly up: Pipe;
  /** Away from the router. */
  readonly down: Pipe;
  readonly server: ModelServer | null;
  readonly address: string;
  readonly client: NetClient | null;
  state: "connecting" | "open" | "gone";
  full: boolean;
}

/** See the module. */
export class Net {
  /** The router under test. */
  readonly router: Router;
  /** Virtual time, milliseconds. */
  now = 1_000_000;
  /** Inputs given so far. */
  steps = 0;
  /** Links lost, refused or unanswered so far: what a test of faults must have met. */
  faults = 0;
  readonly #options: NetOptions;
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #schedule = new Schedule();
  readonly #servers = new Map<string, ModelServer>();
  readonly #connections = new Map<Peer, Connection>();
  readonly #byNumber = new Map<number, Connection>();
  readonly #down = new Set<string>();
  readonly #log: string[] = [];
  #deadline = Number.POSITIVE_INFINITY;
  #lastNumber = 0;
  #spins = 0;

  /** Makes the router; nobody is connected. */
  constructor(options: NetOptions) {
    this.#options = options;
    this.#weather = options.weather ?? fairWeather;
    this.#random = new Random(options.seed);
    this.router = createRouter(options.router);
  }

  /** Connects a client. */
  client(): NetClient {
    const peer = this.router.open(this.now);
    const client = new NetClient({
      send: (bytes) => {
        connection.up.put(bytes);
        this.#deliverUp(connection);
      },
      halfClose: () => {
        connection.up.ending = true;
        this.#deliverUp(connection);
      },
      drop: () => {
        if (connection.state === "gone") return;
        client.closed = "dropped";
        this.#discard(connection);
        this.#input(`lost ${peer.key}`, () => this.router.lost(peer, this.now));
      },
      stall: (on) => {
        connection.down.paused = on;
        this.#deliverDown(connection);
      },
    });
    const connection = this.#connection(peer, null, "", client, "open");
    return client;
  }

  /** The server at an address; made when first asked for. */
  server(address: string): ModelServer {
    let server = this.#servers.get(address);
    if (server === undefined) {
      server = this.#options.serverAt(address);
      this.#servers.set(address, server);
    }
    return server;
  }

  /** Takes a server off the net (its connections are reset, connects refused) or puts it back. */
  down(address: string, on: boolean): void {
    if (!on) this.#down.delete(address);
    else {
      this.#down.add(address);
      for (const connection of [...this.#connections.values()]) {
        if (connection.address === address && connection.state === "open") this.#reset(connection);
      }
    }
  }

  /** Stops or goes on delivering what the router sends to a server. */
  hang(address: string, on: boolean): void {
    for (const connection of this.#connections.values()) {
      if (connection.address !== address) continue;
      connection.down.paused = on;
      this.#deliverDown(connection);
    }
  }

  /** Puts another table in force. */
  swap(table: unknown): void {
    this.#input("swap", () => this.router.swap(table, this.now));
  }

  /** Lets time pass: at most `milliseconds`, less when nothing is left to happen. */
  run(milliseconds = 60_000): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = Math.min(this.#schedule.next, this.#deadline);
      if (next > until || next === Number.POSITIVE_INFINITY) break;
      if (next > this.now) this.#spins = 0;
      this.now = Math.max(this.now, next);
      if (this.#deadline <= this.now) this.#tick();
      else this.#schedule.take()?.();
    }
    if (until !== Number.POSITIVE_INFINITY) this.now = until;
  }

  /** Drops all clients and lets the router come to rest; then it must hold nothing. */
  close(): void {
    for (const { client } of [...this.#connections.values()]) client?.drop();
    this.run();
    if (this.router.sessions > 0) this.#fail(`${this.router.sessions} sessions outlive clients`);
    if (this.router.heldBytes !== 0) {
      this.#fail(`the router holds ${this.router.heldBytes} bytes for nobody`);
    }
  }

  // ---- inputs -------------------------------------------------------------

  #tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#input("tick", () => this.router.tick(this.now));
    if (this.#deadline <= this.now && ++this.#spins > 3) {
      this.#fail(`tick at ${this.now} asks for a tick at ${this.#deadline}: a host would spin`);
    }
  }

  #input(what: string, act: () => Effects): void {
    this.#log.push(`${this.now} ${what}`);
    if (this.#log.length > 40) this.#log.shift();
    this.steps += 1;
    if (this.steps > (this.#options.maxSteps ?? 200_000)) this.#fail("livelock: too many inputs");
    let effects: Effects;
    try {
      effects = act();
    } catch (error) {
      this.#fail(`threw ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
    if (this.router.heldBytes < 0) this.#fail(`heldBytes is ${this.router.heldBytes}`);
    this.#deadline = effects.deadline;
    for (const effect of effects) this.#carryOut(effect);
    for (const ask of effects.asks) this.#answer(ask);
  }

  #bytes(connection: Connection, bytes: Uint8Array): void {
    const { peer } = connection;
    this.#input(`${bytes.length} bytes of ${peer.key}`, () =>
      this.router.bytes(peer, bytes, this.now),
    );
    // Pipes hold copies by now (see `#put`): a host that reuses its buffer would overwrite it here.
    if (this.#options.router.reusesInput === true) bytes.fill(0xa5);
  }

  #answer(ask: HostAsk): void {
    const { answer } = this.#options;
    if (answer === undefined) this.#fail(`nobody answers "${ask.topic}"`);
    this.#later(() => {
      this.#input(`answer ${ask.topic}`, () => this.router.answer(ask, answer(ask), this.now));
    });
  }

  // ---- effects ------------------------------------------------------------

  #carryOut(effect: Effect): void {
    const { peer, open, write, read, end } = effect;
    this.#log.push(
      `  ${peer.key}:${open === null ? "" : ` open ${open.endpoint}`}${write.length > 0 ? ` ${write.reduce((sum, chunk) => sum + chunk.length, 0)} bytes` : ""}${read === null ? "" : ` read ${read}`}${end === null ? "" : ` ${end}`}`,
    );
    if (open !== null) this.#connect(peer, open.endpoint);
    const connection = this.#connections.get(peer);
    if (connection === undefined) this.#fail(`an effect for ${peer.key}, which is not there`);
    const { down, up } = connection;
    if (connection.state === "gone" || down.ending) {
      if (write.length > 0 || read !== null) this.#fail(`${peer.key} is used after its end`);
      if (connection.state === "gone") this.#connections.delete(peer);
      return;
    }
    if (write.length > 0 && connection.state !== "open") {
      this.#fail(`a write to ${peer.key}, which does not stand yet`);
    }
    for (const chunk of write) {
      if (chunk.length === 0) this.#fail(`an empty write to ${peer.key}`);
      down.put(this.#options.router.reusesInput === true ? chunk.slice() : chunk);
    }
    if (read !== null) up.paused = !read;
    if (end === "abort") {
      if (connection.client !== null) connection.client.closed = "abort";
      this.#discard(connection);
      this.#connections.delete(peer);
      if (this.#random.chance(0.3)) {
        this.#later(() => {
          this.#input(`lost ${peer.key} after its end`, () => this.router.lost(peer, this.now));
        });
      }
      return;
    }
    if (end === "flush") down.ending = true;
    if (down.size > this.#weather.highWater && !connection.full) {
      connection.full = true;
      this.#later(() => {
        this.#tellFull(connection);
      }, 0);
    }
    this.#deliverDown(connection);
    this.#deliverUp(connection);
  }

  #tellFull(connection: Connection): void {
    const { peer, down } = connection;
    if (!connection.full || connection.state !== "open" || down.ending) return;
    if (down.size === 0) {
      connection.full = false;
      this.#input(`drained ${peer.key}`, () => this.router.drained(peer, this.now));
    } else {
      this.#input(`full ${peer.key}`, () => this.router.full(peer, down.size, this.now));
    }
  }

  #connect(peer: Peer, address: string): void {
    const before = this.#connections.get(peer);
    if (before?.state === "open") this.#fail(`${peer.key} is opened twice`);
    if (before !== undefined) this.#discard(before); // the attempt before this one is given up
    const connection = this.#connection(peer, this.server(address), address, null, "connecting");
    const { refuse, unanswered } = this.#weather;
    const refused = this.#random.chance(refuse);
    if (this.#random.chance(unanswered)) {
      this.faults += 1;
      return;
    }
    this.#later(() => {
      if (connection.state !== "connecting") return;
      if (refused || this.#down.has(address)) {
        this.faults += 1;
        this.#discard(connection);
        this.#input(`refused ${peer.key}`, () => this.router.lost(peer, this.now));
        return;
      }
      connection.state = "open";
      this.#serve(this.server(address).opened(connection.number));
      this.#input(`opened ${peer.key}`, () => this.router.opened(peer, this.now));
    });
  }

  // ---- pipes --------------------------------------------------------------

  #deliverUp(connection: Connection): void {
    const { up, peer } = connection;
    if (up.scheduled || up.paused || up.closed || (up.size === 0 && !up.ending)) return;
    up.scheduled = true;
    this.#later(() => {
      up.scheduled = false;
      if (up.paused || up.closed) return;
      if (connection.server !== null && this.#random.chance(this.#weather.reset)) {
        this.#reset(connection);
        return;
      }
      if (up.size > 0) this.#bytes(connection, up.take(this.#random, this.#weather.averagePiece));
      else if (up.ending) {
        up.close();
        this.#input(`end of ${peer.key}`, () => this.router.halfClosed(peer, this.now));
      }
      this.#deliverUp(connection);
    });
  }

  #deliverDown(connection: Connection): void {
    const { down, server, client, number } = connection;
    if (down.scheduled || down.paused || down.closed || (down.size === 0 && !down.ending)) return;
    down.scheduled = true;
    const { slow, pause } = this.#weather;
    const extra = this.#random.chance(slow) ? pause : 0;
    this.#later(() => {
      down.scheduled = false;
      if (down.paused || down.closed) return;
      if (server !== null && this.#random.chance(this.#weather.reset)) {
        this.#reset(connection);
        return;
      }
      if (down.size > 0) {
        const piece = down.take(this.#random, this.#weather.averagePiece);
        client?.take(piece);
        if (server !== null) this.#serve(server.handle(number, piece));
        if (connection.full) this.#tellFull(connection);
      } else if (down.ending) {
        if (client !== null) client.closed = "flush";
        this.#discard(connection);
        this.#connections.delete(connection.peer);
        return;
      }
      this.#deliverDown(connection);
    }, extra);
  }

  #serve(outputs: readonly ServerOutput[]): void {
    for (const { connection: number, bytes, end } of outputs) {
      const connection = this.#byNumber.get(number);
      if (connection === undefined || connection.state !== "open") continue;
      connection.up.put(bytes);
      if (end) connection.up.ending = true;
      this.#deliverUp(connection);
    }
  }

  #reset(connection: Connection): void {
    const { peer } = connection;
    this.faults += 1;
    const ending = connection.down.ending;
    this.#discard(connection);
    this.#input(`reset ${peer.key}`, () => this.router.lost(peer, this.now));
    if (ending) this.#connections.delete(peer);
  }

  #connection(
    peer: Peer,
    server: ModelServer | null,
    address: string,
    client: NetClient | null,
    state: Connection["state"],
  ): Connection {
    const number = ++this.#lastNumber;
    const [up, down] = [new Pipe(), new Pipe()];
    const connection = { number, peer, up, down, server, address, client, state, full: false };
    this.#connections.set(peer, connection);
    this.#byNumber.set(number, connection);
    return connection;
  }

  /** Takes a connection away without a word to the router. */
  #discard(connection: Connection): void {
    const stood = connection.state === "open";
    connection.state = "gone";
    connection.up.close();
    connection.down.close();
    this.#byNumber.delete(connection.number);
    if (stood && connection.server !== null) {
      this.#serve(connection.server.closed(connection.number));
    }
  }

  #later(act: () => void, extra = 0): void {
    const { minDelay, maxDelay } = this.#weather;
    const delay = minDelay + this.#random.below(maxDelay - minDelay + 1);
    this.#schedule.add(this.now + delay + extra, act);
  }

  #fail(what: string): never {
    throw new NetError(
      `${what}\nseed ${this.#options.seed}; the last inputs:\n  ${this.#log.slice(-30).join("\n  ")}`,
    );
  }
}
