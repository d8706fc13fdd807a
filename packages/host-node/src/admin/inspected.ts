import type {
  ClientView,
  Explanation,
  LinkView,
  LocalStats,
  Router,
  UpstreamView,
} from "@echarde/core";

/** Connections and configurations that a server has counted itself. */
export interface ServerCounts {
  /** Connections accepted. */
  accepted: number;
  /** Connections closed at once because of `maxClients`. */
  refused: number;
  /** Configurations put in force while it ran. */
  reloads: number;
  /** Configurations that were refused while it ran. */
  reloadsRefused: number;
  /** When the one in force came, Unix milliseconds. */
  loadedAt: number;
}

/** What a server, or one of its workers, counts and holds at a moment. Plain data that can be sent to another process. */
export interface Snapshot {
  /** It listens, and does not end. */
  readonly accepting: boolean;
  /** Bytes that the router holds for later. */
  readonly heldBytes: number;
  /** How many clients and links there are. */
  readonly totals: { readonly clients: number; readonly links: number };
  /** Connections and configurations. */
  readonly counts: Readonly<ServerCounts>;
  /** Worker processes: how many serve, and how many had to be replaced. */
  readonly workers: { readonly serving: number; readonly replaced: number };
  /** State of each cluster of the table in force. */
  readonly clusters: ReadonlyMap<string, ClusterState>;
  /** Version of the table that `hits` belong to. */
  readonly table: string;
  /** See `RoutingTable.hits`. */
  readonly hits: Float64Array | null;
  /** Of each of `Router.ownRules`, its hits. */
  readonly ownHits: readonly number[];
  /** See `Router.dropped`. */
  readonly dropped: ReadonlyMap<string, number>;
  /** The first of them. */
  readonly clients: readonly ClientView[];
  /** The first of them. */
  readonly links: readonly LinkView[];
  /** All upstreams used so far. */
  readonly upstreams: readonly UpstreamView[];
  /** See `Router.local`. */
  readonly local: ReadonlyMap<string, Readonly<LocalStats>>;
}

/** What the admin port looks at. */
export interface Inspected {
  /** Its table is in force; what it counts may be a part only. */
  readonly router: Router;
  /** Name of the protocol. */
  readonly protocol: string;
  /** What all of it counts and holds; `limit` clients and links are listed. */
  snapshot(limit: number): Snapshot | Promise<Snapshot>;
  /** Metrics of the process or processes in the text form of Prometheus. */
  processMetrics(): Promise<string>;
  /** Plans requests without sending anything. */
  explain(request: string): readonly Explanation[];
}

/** "up": connected to when last tried. "unknown": not tried yet, or since the last connection was lost. */
export type ClusterState = "up" | "unknown" | "down";
