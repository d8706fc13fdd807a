/**
 * The connections of a net: a pipe for each direction, which delays and cuts,
 * and whoever is at the other end.
 */
import type { Peer } from "@echarde/core";
import type { ModelServer, ServerAt, ServerOutput } from "./model-server.ts";
import type { NetClient } from "./net-client.ts";
import type { NetRun } from "./net-run.ts";
import { Pipe } from "./pipe.ts";
import type { Weather } from "./weather.ts";

/** One connection of the router. */
export interface Connection {
  /** Names it to its server. */
  readonly number: number;
  /** The router's own. */
  readonly peer: Peer;
  /** Towards the router. */
  readonly up: Pipe;
  /** Away from the router. */
  readonly down: Pipe;
  /** The other side, of a link. */
  readonly server: ModelServer | null;
  /** Where that is. */
  readonly address: string;
  /** The other side, of a client. */
  readonly client: NetClient | null;
  /** How far it is. */
  state: "connecting" | "open" | "gone";
  /** The router was told that it takes no more. */
  full: boolean;
}

/** What wires are made of. */
export interface NetWiresOptions {
  /** The run that they are part of. */
  readonly run: NetRun;
  /** What they are like. */
  readonly weather: Weather;
  /** Makes servers. */
  readonly serverAt: ServerAt;
  /** The router's host overwrites the memory of inputs. */
  readonly reusesInput: boolean;
}

/** See the module. */
export class NetWires {
  /** Links lost, refused or unanswered so far. */
  faults = 0;
  /** By the router's name for them; those that ended stay until the router has heard of it. */
  readonly connections: Map<Peer, Connection> = new Map<Peer, Connection>();
  readonly #run: NetRun;
  readonly #weather: Weather;
  readonly #serverAt: ServerAt;
  readonly #reusesInput: boolean;
  readonly #servers = new Map<string, ModelServer>();
  readonly #byNumber = new Map<number, Connection>();
  readonly #down = new Set<string>();
  #lastNumber = 0;

  constructor({ run, weather, serverAt, reusesInput }: NetWiresOptions) {
    this.#run = run;
    this.#weather = weather;
    this.#serverAt = serverAt;
    this.#reusesInput = reusesInput;
  }

  /** The server at an address; made when first asked for. */
  server(address: string): ModelServer {
    let server = this.#servers.get(address);
    if (server === undefined) {
      server = this.#serverAt(address);
      this.#servers.set(address, server);
    }
    return server;
  }

  /** Whether the server at an address is off the net. */
  isDown(address: string): boolean {
    return this.#down.has(address);
  }

  /** Takes a server off the net (its connections are reset, connects refused) or puts it back. */
  down(address: string, on: boolean): void {
    if (!on) this.#down.delete(address);
    else {
      this.#down.add(address);
      for (const connection of [...this.connections.values()]) {
        if (connection.address === address && connection.state === "open") this.reset(connection);
      }
    }
  }

  /** Stops or goes on delivering what the router sends to a server. */
  hang(address: string, on: boolean): void {
    for (const connection of this.connections.values()) {
      if (connection.address !== address) continue;
      connection.down.paused = on;
      this.deliverDown(connection);
    }
  }

  /** Brings what waits to the router. */
  deliverUp(connection: Connection): void {
    const { up, peer } = connection;
    if (up.scheduled || up.paused || up.closed || (up.size === 0 && !up.ending)) return;
    up.scheduled = true;
    this.#run.later(() => {
      up.scheduled = false;
      if (up.paused || up.closed) return;
      if (connection.server !== null && this.#run.random.chance(this.#weather.reset)) {
        this.reset(connection);
        return;
      }
      if (up.size > 0)
        this.#bytes(connection, up.take(this.#run.random, this.#weather.averagePiece));
      else if (up.ending) {
        up.close();
        this.#run.input(`end of ${peer.key}`, (router, now) => router.halfClosed(peer, now));
      }
      this.deliverUp(connection);
    });
  }

  /** Brings what waits to the other side. */
  deliverDown(connection: Connection): void {
    const { down, server, client, number } = connection;
    if (down.scheduled || down.paused || down.closed || (down.size === 0 && !down.ending)) return;
    down.scheduled = true;
    const { slow, pause } = this.#weather;
    const extra = this.#run.random.chance(slow) ? pause : 0;
    this.#run.later(() => {
      down.scheduled = false;
      if (down.paused || down.closed) return;
      if (server !== null && this.#run.random.chance(this.#weather.reset)) {
        this.reset(connection);
        return;
      }
      if (down.size > 0) {
        const piece = down.take(this.#run.random, this.#weather.averagePiece);
        client?.take(piece);
        if (server !== null) this.serve(server.handle(number, piece));
        if (connection.full) this.tellFull(connection);
      } else if (down.ending) {
        if (client !== null) client.closed = "flush";
        this.discard(connection);
        this.connections.delete(connection.peer);
        return;
      }
      this.deliverDown(connection);
    }, extra);
  }

  /** Takes what servers say. */
  serve(outputs: readonly ServerOutput[]): void {
    for (const { connection: number, bytes, end } of outputs) {
      const connection = this.#byNumber.get(number);
      if (connection === undefined || connection.state !== "open") continue;
      connection.up.put(bytes);
      if (end) connection.up.ending = true;
      this.deliverUp(connection);
    }
  }

  /** The other side is gone. */
  reset(connection: Connection): void {
    const { peer } = connection;
    this.faults += 1;
    const ending = connection.down.ending;
    this.discard(connection);
    this.#run.input(`reset ${peer.key}`, (router, now) => router.lost(peer, now));
    if (ending) this.connections.delete(peer);
  }

  /** A connection begins. */
  connect(
    peer: Peer,
    server: ModelServer | null,
    address: string,
    client: NetClient | null,
    state: Connection["state"],
  ): Connection {
    const number = ++this.#lastNumber;
    const [up, down] = [new Pipe(), new Pipe()];
    const connection = { number, peer, up, down, server, address, client, state, full: false };
    this.connections.set(peer, connection);
    this.#byNumber.set(number, connection);
    return connection;
  }

  /** Takes a connection away without a word to the router. */
  discard(connection: Connection): void {
    const stood = connection.state === "open";
    connection.state = "gone";
    connection.up.close();
    connection.down.close();
    this.#byNumber.delete(connection.number);
    if (stood && connection.server !== null) {
      this.serve(connection.server.closed(connection.number));
    }
  }

  /** Tells the router how much waits, once it was told that too much does. */
  tellFull(connection: Connection): void {
    const { peer, down } = connection;
    if (!connection.full || connection.state !== "open" || down.ending) return;
    if (down.size === 0) {
      connection.full = false;
      this.#run.input(`drained ${peer.key}`, (router, now) => router.drained(peer, now));
    } else {
      this.#run.input(`full ${peer.key}`, (router, now) => router.full(peer, down.size, now));
    }
  }

  #bytes(connection: Connection, bytes: Uint8Array): void {
    const { peer } = connection;
    this.#run.input(`${bytes.length} bytes of ${peer.key}`, (router, now) =>
      router.bytes(peer, bytes, now),
    );
    // Pipes hold copies by now (see `NetEffects`): a host that reuses its buffer would overwrite it here.
    if (this.#reusesInput) bytes.fill(0xa5);
  }
}
