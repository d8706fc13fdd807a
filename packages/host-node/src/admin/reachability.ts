/**
 * Which clusters can be reached, as far as anybody knows. Connections are
 * opened for requests only, and a proxy that is not ready gets none: so a
 * cluster that was down is tried now and then while somebody asks.
 */
import type { Router } from "@echarde/core";
import { parseAddress } from "../address.ts";
import type { Socket, Sockets } from "../sockets.ts";
import type { ClusterState } from "./inspected.ts";

/** See the module. */
export class Reachability {
  readonly #router: Router;
  readonly #sockets: Sockets;
  readonly #now: () => number;
  /** Clusters that took a connection since they were last found down. */
  readonly #recovered = new Set<string>();
  readonly #tried = new Map<string, number>();
  readonly #trying = new Set<Socket>();

  /** @param now - as the router's, Unix milliseconds */
  constructor(router: Router, sockets: Sockets, now: () => number) {
    this.#router = router;
    this.#sockets = sockets;
    this.#now = now;
  }

  /** The router found a cluster down. */
  down(cluster: string): void {
    this.#recovered.delete(cluster);
  }

  /** State of each cluster of the table. Tries those that are down. */
  states(): ReadonlyMap<string, ClusterState> {
    const views = new Map(this.#router.upstreams.map((view) => [view.name, view]));
    const states = new Map<string, ClusterState>();
    for (const { name, endpoints } of this.#router.table.clusters) {
      const view = views.get(name);
      const down = view?.state === "down" && !this.#recovered.has(name);
      states.set(name, down ? "down" : view?.state === "up" ? "up" : "unknown");
      if (down && view.retryAt <= this.#now()) this.#try(name, endpoints);
    }
    return states;
  }

  /** Gives up what is being tried. */
  stop(): void {
    for (const socket of this.#trying) socket.destroy();
    this.#trying.clear();
  }

  #try(cluster: string, endpoints: readonly string[]): void {
    const now = this.#now();
    if (now < (this.#tried.get(cluster) ?? 0) + betweenTries) return;
    this.#tried.set(cluster, now);
    for (const endpoint of endpoints) {
      const address = parseAddress(endpoint);
      if (address === null) continue;
      const end = (): void => {
        clearTimeout(timer);
        this.#trying.delete(socket);
        socket.destroy();
      };
      const socket = this.#sockets.dial(address, {
        opened: () => {
          this.#recovered.add(cluster);
          end();
        },
        bytes: () => {},
        drained: () => {},
        halfClosed: end,
        lost: end,
      });
      const timer = setTimeout(end, betweenTries).unref();
      this.#trying.add(socket);
    }
  }
}

/** Milliseconds. */
const betweenTries = 1_000;
