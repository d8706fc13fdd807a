/** What all sessions of a bridge share: which addresses may be dialled, sockets, counters. */
import type { Address } from "../address.ts";
import type { DialTls, Socket, SocketEvents, Sockets } from "../sockets.ts";
import type { BridgeSession } from "./bridge-session.ts";
import { DialQueue } from "./dial-queue.ts";

/** Addresses by cluster. */
export type Endpoints = ReadonlyMap<string, ReadonlySet<string>>;

/** What a bridge counts. */
export interface BridgeStats {
  /** Streams of frames now. */
  readonly sessions: number;
  /** Streams so far. */
  readonly accepted: number;
  /** Connections to servers now. */
  readonly links: number;
  /** Connections to servers so far. */
  readonly opened: number;
  /** Addresses that were asked for and are not configured. */
  readonly refused: number;
  /** Bytes to servers. */
  readonly bytesToServers: number;
  /** Bytes to peers. */
  readonly bytesToPeers: number;
}

/** See the module. */
export class BridgeCore {
  /** Addresses that may be dialled; another map from a reload on. */
  endpoints: Endpoints;
  /** Milliseconds that a server has to take a connection. */
  readonly connectTimeout: number;
  /** Whose turn it is to connect. */
  readonly dials: DialQueue = new DialQueue(mostDials);
  readonly #sockets: Sockets;
  readonly #tlsOf: (cluster: string) => DialTls | null;
  readonly #sessions = new Set<BridgeSession>();
  readonly #counts = {
    accepted: 0,
    links: 0,
    opened: 0,
    refused: 0,
    "to-servers": 0,
    "to-peer": 0,
  };
  #emptied: (() => void) | null = null;

  constructor(
    sockets: Sockets,
    endpoints: Endpoints,
    tlsOf: (cluster: string) => DialTls | null,
    connectTimeout: number,
  ) {
    this.connectTimeout = connectTimeout;
    this.#sockets = sockets;
    this.endpoints = endpoints;
    this.#tlsOf = tlsOf;
  }

  /** Counters; a copy. */
  get stats(): BridgeStats {
    const { accepted, links, opened, refused } = this.#counts;
    return {
      ...{ sessions: this.#sessions.size, accepted, links, opened, refused },
      bytesToServers: this.#counts["to-servers"],
      bytesToPeers: this.#counts["to-peer"],
    };
  }

  /** Whether the configuration has the address for the cluster. */
  allows(cluster: string, endpoint: string): boolean {
    return this.endpoints.get(cluster)?.has(endpoint) === true;
  }

  /** Connects. */
  dial(address: Address, events: SocketEvents, cluster: string): Socket {
    return this.#sockets.dial(address, events, this.#tlsOf(cluster));
  }

  /** A stream of frames has come; null = there are too many. */
  add(session: BridgeSession): boolean {
    if (this.#sessions.size >= mostSessions) return false;
    this.#sessions.add(session);
    this.#counts.accepted += 1;
    return true;
  }

  /** It has gone. */
  forget(session: BridgeSession): void {
    if (this.#sessions.delete(session) && this.#sessions.size === 0) this.#emptied?.();
  }

  /** Adds to a counter. */
  count(what: "refused" | "to-servers" | "to-peer", by: number): void {
    this.#counts[what] += by;
  }

  /** A connection to a server was begun. */
  linkOpened(): void {
    this.#counts.links += 1;
    this.#counts.opened += 1;
  }

  /** It is no more. */
  linkClosed(): void {
    this.#counts.links -= 1;
  }

  /** Waits until the last session has gone, or `milliseconds`; then ends those that are left. */
  async drain(milliseconds: number): Promise<void> {
    if (this.#sessions.size > 0 && milliseconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#emptied = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const session of [...this.#sessions]) session.close();
  }
}

/** Half of the usual 20,480 file descriptors, the rest for links. */
const mostSessions = 10_000;
/** Below the 128 connections that the least of servers lets wait. */
const mostDials = 64;
