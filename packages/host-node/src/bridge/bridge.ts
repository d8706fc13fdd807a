/** The bridge: takes streams of frames from Envoy and owns the connections to the clusters. */
import { type Address, formatAddress } from "../address.ts";
import { nodeSockets } from "../node-sockets.ts";
import type { DialTls, ListenTls, Socket, SocketEvents } from "../sockets.ts";
import { BridgeCore, type BridgeStats, type Endpoints } from "./bridge-core.ts";
import { BridgeSession } from "./bridge-session.ts";
import { listenGrpc } from "./grpc-listener.ts";

/** How to start a bridge. */
export interface BridgeOptions {
  /** Configuration with `clusters`: the only addresses that are dialled. */
  readonly table: unknown;
  /** Where frames come over TCP. */
  readonly listen?: Address | null;
  /** Where frames come as gRPC. */
  readonly grpc?: Address | null;
  /** Peers connect over TLS. Addresses other than loopback need it, with certificates of the peers. */
  readonly tls?: ListenTls | null;
  /** How to connect to a cluster over TLS. */
  readonly tlsOf?: (cluster: string) => DialTls | null;
  /** Milliseconds that a server has to take a connection. Default: 3 s. */
  readonly connectTimeout?: number;
}

/** A running bridge. */
export interface Bridge {
  /** Where frames come over TCP, null = nowhere. */
  readonly address: Address | null;
  /** Where frames come as gRPC, null = nowhere. */
  readonly grpcAddress: Address | null;
  /** Counters; a copy. */
  stats(): BridgeStats;
  /** Other clusters from now on; connections that stand are not touched. */
  reconfigure(table: unknown): void;
  /** Accepts no more, waits for what there is, and closes. */
  close(drain?: number): Promise<void>;
}

/** Starts a bridge. Rejects with the system's error when an address cannot be had, with `RangeError` when it would be open to others. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { listen = null, grpc = null, tls = null, tlsOf = () => null } = options;
  const { connectTimeout = usualConnectTimeout } = options;
  for (const address of [listen, grpc]) {
    if (address !== null && !isPrivate(address) && tls?.clientCert !== "required") {
      const where = formatAddress(address);
      throw new RangeError(
        `${where} can be reached by others: use loopback, or TLS with clients' certificates`,
      );
    }
  }
  const sockets = nodeSockets({ keepAlive: 60_000 });
  const core = new BridgeCore(sockets, endpointsOf(options.table), tlsOf, connectTimeout);
  const accept = (socket: Socket): SocketEvents | null => {
    const session = new BridgeSession(core);
    if (!core.add(session)) return null;
    session.attach(socket);
    return session;
  };
  const tcp = listen === null ? null : await sockets.listen(listen, accept, tls);
  const http2 = grpc === null ? null : await listenGrpc(grpc, accept, tls);
  return {
    address: tcp?.address ?? null,
    grpcAddress: http2?.address ?? null,
    stats: () => core.stats,
    reconfigure: (table) => {
      core.endpoints = endpointsOf(table);
    },
    close: async (drain = 0) => {
      tcp?.close();
      http2?.close();
      await core.drain(drain);
    },
  };
}

/** A second more than the system waits before it asks a server twice that had no room. */
const usualConnectTimeout = 3_000;

function isPrivate(address: Address): boolean {
  if (address.type === "unix") return true;
  return /^(127\.|::1$|localhost$)/.test(address.host);
}

function endpointsOf(table: unknown): Endpoints {
  const { clusters = {} } = table as {
    readonly clusters?: Readonly<Record<string, { readonly endpoints: readonly string[] }>>;
  };
  return new Map(
    Object.entries(clusters).map(([name, { endpoints }]) => [name, new Set(endpoints)]),
  );
}
