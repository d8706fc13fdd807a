/**
 * What an input asks of the host, as data: for each peer that is concerned,
 * one effect. Carry an effect out in the order open, write, read, end; keep
 * the records first.
 */
import type { Notice } from "./notices.ts";
import type { Peer } from "./peer.ts";
import type { SessionRecord } from "./session-records.ts";

/** Where a link is to be connected: what to dial is the node, else one of the cluster's endpoints. */
export interface Open {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Address inside the cluster, "" where the table's endpoint counts. */
  readonly node: string;
  /** What to dial, as it stands in the table: `host:port`, `[v6]:port` or `unix:/path`. */
  readonly endpoint: string;
  /** Its host without brackets, "" for a Unix socket. */
  readonly host: string;
  /** Its port, 0 for a Unix socket. */
  readonly port: number;
  /** The path of a Unix socket, "" for all others. */
  readonly path: string;
}

/** Takes an address apart. What is none gives a host and port 0, which no host can dial. */
export function openOf(cluster: string, node: string, endpoint: string): Open {
  if (endpoint.startsWith("unix:"))
    return { cluster, node, endpoint, host: "", port: 0, path: endpoint.slice(5) };
  const [, host = endpoint, port = "0"] = /^(.*):(\d{1,5})$/.exec(endpoint) ?? [];
  const number = Number(port) > 0xffff ? 0 : Number(port);
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return { cluster, node, endpoint, host: bare, port: number, path: "" };
}

/** What is to be done with one peer. */
export interface Effect {
  /** The client or the link. */
  readonly peer: Peer;
  /** Connect it first; answer with `opened` or `lost`. */
  readonly open: Open | null;
  /** Send these, in order. Views: see the ownership rules of the router. */
  readonly write: readonly Uint8Array[];
  /** False = stop reading from it, true = read on, null = as it is. */
  readonly read: boolean | null;
  /** "flush" = close when all is sent, "abort" = close at once, null = leave open. */
  readonly end: "flush" | "abort" | null;
}

/** A question to the host; answer with `router.answer(ask, value, now)`. */
export interface HostAsk {
  /** Unique in the router. */
  readonly id: number;
  /** Client on whose behalf it is asked. */
  readonly peer: Peer;
  /** What is asked for. */
  readonly topic: string;
  /** The question. */
  readonly value: unknown;
}

/** The effects of one input. Iterate it; the maps are views for those who want only them. */
export class Effects implements Iterable<Effect> {
  /** One for each peer concerned. */
  readonly list: readonly Effect[];
  /** Questions to the host. */
  readonly asks: readonly HostAsk[];
  /** What an operator wants to know; nothing needs to be done about it. */
  readonly notices: readonly Notice[];
  /** To be kept before anything is written; none unless the router was told that its host keeps sessions. */
  readonly records: readonly SessionRecord[];
  /** Call `tick` no later than this (Unix milliseconds); Infinity = never. */
  readonly deadline: number;

  /** @internal */
  constructor(
    list: readonly Effect[],
    asks: readonly HostAsk[],
    notices: readonly Notice[],
    records: readonly SessionRecord[],
    deadline: number,
  ) {
    this.list = list;
    this.asks = asks;
    this.notices = notices;
    this.records = records;
    this.deadline = deadline;
  }

  /** One effect after the other. */
  [Symbol.iterator](): Iterator<Effect> {
    return this.list[Symbol.iterator]();
  }

  /** Map of cluster name to packets. */
  get toUpstreams(): Map<string, Uint8Array[]> {
    const map = new Map<string, Uint8Array[]>();
    for (const { peer, write } of this.list) {
      if (peer.kind !== "link" || write.length === 0) continue;
      const packets = map.get(peer.cluster);
      if (packets === undefined) map.set(peer.cluster, [...write]);
      else packets.push(...write);
    }
    return map;
  }

  /** Bytes for clients, in order. */
  get toClient(): Uint8Array[] {
    return this.list.flatMap(({ peer, write }) => (peer.kind === "client" ? [...write] : []));
  }
}
