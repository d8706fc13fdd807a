import type { Explanation, Router } from "@echarde/core";

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

/** What the admin port looks at. */
export interface Inspected {
  /** The router of the server. */
  readonly router: Router;
  /** Name of the protocol. */
  readonly protocol: string;
  /** Live. */
  readonly counts: Readonly<ServerCounts>;
  /** Clients connected. */
  readonly clients: number;
  /** It listens, and does not end. */
  readonly accepting: boolean;
  /** State of each cluster of the table in force. */
  clusterStates(): ReadonlyMap<string, ClusterState>;
  /** Plans requests without sending anything. */
  explain(request: string): readonly Explanation[];
}

/** "up": connected to when last tried. "unknown": not tried yet, or since the last connection was lost. */
export type ClusterState = "up" | "unknown" | "down";
