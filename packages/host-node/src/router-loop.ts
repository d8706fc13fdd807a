/**
 * Drives one router with one kind of sockets.
 *
 * ```
 *   events of all sockets ──▶ router ──▶ effects: open · write · read · end
 *                                                  │ gathered for each socket
 *   end of the turn (setImmediate) ◀───────────────┘ one write each
 * ```
 * One timer stands for all deadlines of the router.
 */
import type { Effects, HostAsk, Notice, Open, Peer, Router, SessionRecord } from "@echarde/core";
import { parseAddress } from "./address.ts";
import { now } from "./clock.ts";
import { Connection, type Loop } from "./connection.ts";
import type { DialTls, Socket, SocketEvents, Sockets } from "./sockets.ts";

/** Answers a question of the router, at once or later. */
export type AskHandler = (ask: HostAsk) => unknown;

/** Takes what an operator wants to know; `cause` = the system's word for it, where there is one. */
export type NoticeHandler = (notice: Notice, cause: string | null) => void;

/** Keeps what outlives connections; it is kept when the call returns. */
export type RecordHandler = (records: readonly SessionRecord[]) => void;

/** Stands between a link and its socket; the socket itself, unless somebody looks on. */
export type Tap = (cluster: string, socket: Socket) => Socket;

/** See the module. */
export class RouterLoop implements Loop {
  readonly router: Router;
  readonly #sockets: Sockets;
  readonly #ask: AskHandler;
  readonly #tlsOf: (cluster: string) => DialTls | null;
  readonly #notice: NoticeHandler;
  readonly #tap: Tap;
  readonly #keep: RecordHandler;
  readonly #clients = new Set<Connection>();
  readonly #links = new Set<Connection>();
  readonly #flush = (): void => this.#flushAll();
  /** Timers run before sockets are read. After a stall of the process, answers that are there already must come first. */
  readonly #due = (): void => {
    setImmediate(this.#tick);
  };
  readonly #tick = (): void => {
    if (this.#stopped) return;
    this.#armed = Number.POSITIVE_INFINITY;
    this.carryOut(this.router.tick(now()));
  };
  #scheduled: Connection[] = [];
  #timer: NodeJS.Timeout | undefined;
  #armed = Number.POSITIVE_INFINITY;
  #stopped = false;
  #emptied: (() => void) | null = null;

  constructor(
    router: Router,
    sockets: Sockets,
    ask: AskHandler,
    tlsOf: (cluster: string) => DialTls | null = () => null,
    notice: NoticeHandler = () => {},
    tap: Tap = (_, socket) => socket,
    keep: RecordHandler = () => {},
  ) {
    this.router = router;
    this.#sockets = sockets;
    this.#ask = ask;
    this.#tlsOf = tlsOf;
    this.#notice = notice;
    this.#tap = tap;
    this.#keep = keep;
  }

  /** Clients connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /** A client connected. */
  accept(socket: Socket): SocketEvents {
    const connection = new Connection(this, this.router.open(now()));
    connection.attach(socket);
    this.#clients.add(connection);
    return connection;
  }

  /** Lets every client have the answers to what it has sent, then closes it. Resolves when none is left or after `milliseconds`, with those that are left. */
  async drain(milliseconds: number): Promise<number> {
    for (const client of [...this.#clients]) {
      client.read(false);
      client.halfClosed();
    }
    if (this.#clients.size === 0 || milliseconds <= 0) return this.#clients.size;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#emptied = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.#clients.size;
  }

  /** Closes everything at once. */
  stop(): void {
    this.#flushAll();
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const connection of [...this.#clients, ...this.#links]) connection.abort();
  }

  carryOut(effects: Effects, cause: string | null = null): void {
    if (effects.records.length > 0) this.#keep(effects.records); // before anybody hears of it
    for (const { peer, open, write, read, end } of effects.list) {
      if (open !== null) this.#dial(peer, open);
      const connection = peer.host;
      if (!(connection instanceof Connection)) continue;
      if (write.length > 0) connection.write(write);
      if (read !== null) connection.read(read);
      if (end === "flush") connection.end();
      else if (end === "abort") connection.abort();
    }
    for (const notice of effects.notices) this.#notice(notice, cause);
    if (effects.asks.length > 0) for (const ask of effects.asks) void this.#answer(ask);
    if (effects.deadline < this.#armed) this.#arm(effects.deadline);
  }

  schedule(connection: Connection): void {
    connection.scheduled = true;
    if (this.#scheduled.length === 0) setImmediate(this.#flush);
    this.#scheduled.push(connection);
  }

  forget(connection: Connection): void {
    this.#links.delete(connection);
    if (this.#clients.delete(connection) && this.#clients.size === 0) this.#emptied?.();
  }

  #flushAll(): void {
    const connections = this.#scheduled;
    this.#scheduled = [];
    for (const connection of connections) {
      connection.scheduled = false;
      connection.flush();
    }
  }

  /** A peer that has a socket tries its next endpoint: the old one is of no interest any more. */
  #dial(peer: Peer, { endpoint, cluster }: Open): void {
    if (peer.host instanceof Connection) peer.host.abort();
    if (this.#stopped) return;
    const connection = new Connection(this, peer);
    this.#links.add(connection);
    const address = parseAddress(endpoint);
    if (address === null) process.nextTick(() => connection.lost());
    else {
      const socket = this.#sockets.dial(address, connection, this.#tlsOf(cluster));
      connection.attach(this.#tap(cluster, socket));
    }
  }

  #arm(deadline: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#armed = deadline;
    const wait = Math.min(Math.max(0, Math.ceil(deadline - now())), longestTimer);
    this.#timer = setTimeout(this.#due, wait);
  }

  async #answer(ask: HostAsk): Promise<void> {
    const value = await this.#ask(ask);
    if (!this.#stopped) this.carryOut(this.router.answer(ask, value, now()));
  }
}

/** What a Node timer can hold. */
const longestTimer = 2 ** 31 - 1;
