/**
 * The brokers of one session, by name, and how its link to each stands:
 *
 * ```
 *   closed ──CONNECT sent──▶ opening ──CONNACK, all agree──▶ live ──lost──▶ closed
 *                              │                              │ ──DISCONNECT, to begin anew──▶ leaving
 *                              └──refused · lost──▶ closed    └──lost, the client stays──▶ away
 *   leaving ──its link is lost: CONNECT for the next──▶ reopening ──CONNACK──▶ live
 *                                                        └──the codec hears of the loss──▶ opening
 *   away ──CONNECT again──▶ opening ──CONNACK──▶ joining ──it has heard what it missed──▶ live
 *                              └──────────────────┴──lost──▶ away
 * ```
 * "closed" is also a broker that was not needed yet.
 */
import {
  forward,
  type Part,
  type Plan,
  part,
  type RoutingTable,
  skip,
  type Target,
} from "@echarde/core";

/** See the module. */
export type BrokerState =
  | "closed"
  | "opening"
  | "live"
  | "leaving"
  | "reopening"
  | "joining"
  | "away";

/** See the module. */
export class Brokers {
  /** The client has its CONNACK. Before, requests are only explained: a link that is being opened counts as live. */
  stands = false;
  readonly #states = new Map<string, BrokerState>();

  /** How the link stands. */
  state(name: string): BrokerState {
    return this.#states.get(name) ?? "closed";
  }

  /** Notes how it stands. */
  set(name: string, state: BrokerState): void {
    this.#states.set(name, state);
  }

  /** Names of the brokers whose link is live. */
  live(): readonly string[] {
    return [...this.#states].filter(([, state]) => state === "live").map(([name]) => name);
  }

  /** Whether it takes packets of the client. */
  isThere(name: string): boolean {
    const state = this.state(name);
    return state === "live" || (state === "opening" && !this.stands);
  }

  /** Whether there is no link that would take a packet but CONNECT. */
  isAbsent(name: string): boolean {
    const state = this.state(name);
    return state === "away" || state === "opening" || state === "reopening";
  }

  /** Names of the brokers that hear what happens to the client: live, or about to be. */
  there(): readonly string[] {
    return [...this.#states]
      .filter(([, state]) => state === "live" || state === "joining")
      .map(([name]) => name);
  }

  /** Where packets for a broker go; null when the table does not know it. */
  target(table: RoutingTable, name: string): Target | null {
    const cluster = indexOf(table, name);
    return cluster < 0 ? null : { cluster, node: "", lane: "private" };
  }

  /** A packet of the client for a broker, with other bytes than it came in. Skipped where {@link Brokers.tell} has no part. */
  pass(table: RoutingTable, name: string, instead: readonly Uint8Array[]): Plan {
    const cluster = this.isAbsent(name) ? -1 : indexOf(table, name);
    return cluster < 0 ? skip : forward(cluster, { lane: "private", frames: 0, instead });
  }

  /** A packet for a broker that is answered by a frame with this id. None when the table does not know the broker. */
  ask(table: RoutingTable, name: string, packet: Uint8Array, id: number): readonly Part[] {
    const to = this.target(table, name);
    return to === null ? [] : [part(to.cluster, packet, { lane: "private", id })];
  }

  /** A packet that no frame answers. None for a broker that is not there. */
  tell(
    table: RoutingTable,
    name: string,
    packet: Uint8Array | readonly Uint8Array[],
  ): readonly Part[] {
    const to = this.isAbsent(name) ? null : this.target(table, name);
    return to === null ? [] : [part(to.cluster, packet, { lane: "private", frames: 0 })];
  }
}

/** No closure: it is looked for with each acknowledgement. */
function indexOf({ clusters }: RoutingTable, name: string): number {
  for (let i = 0; i < clusters.length; i++) if (clusters[i]?.name === name) return i;
  return -1;
}
