/**
 * The upstream connections of one session: which lane a request takes, and
 * which links wait, pause and close with it.
 *
 * ```
 *   shared ──private asked for, nothing of ours in flight there──▶ own
 *   own    ──nothing in flight, not pinned──▶ shared
 * ```
 */
import type { Core } from "./core.ts";
import type { Journal } from "./journal.ts";
import { Lanes } from "./lanes.ts";
import type { Link } from "./link.ts";
import type { Lane } from "./plan.ts";
import type { Session } from "./session.ts";
import type { RoutingTable } from "./table/table.ts";
import type { Upstream } from "./upstream.ts";

/** See the module. */
export class SessionLinks {
  /** The table that the cache of lanes is for. */
  table: RoutingTable;
  readonly #core: Core;
  readonly #session: Session;
  readonly #nodes = new Map<Upstream, Lanes>();
  readonly #full = new Set<Link>();
  #byCluster: (Lanes | undefined)[] = [];

  constructor(core: Core, session: Session) {
    this.#core = core;
    this.#session = session;
    this.table = core.table;
  }

  /** Takes a new table over; cheap when there is none. */
  refresh(): void {
    if (this.#core.table === this.table) return;
    this.table = this.#core.table;
    this.#byCluster = [];
  }

  /** The lanes to a target of a plan made with `table`. */
  to(table: RoutingTable, target: { readonly cluster: number; readonly node: string }): Lanes {
    const cached = this.#byCluster[target.cluster];
    if (cached !== undefined && target.node === "" && table === this.table) return cached;
    const upstream = this.#core.upstream(table, target.cluster, target.node);
    let lanes = this.#nodes.get(upstream);
    if (lanes === undefined) {
      if (this.#nodes.size >= manyNodes) this.#prune();
      lanes = new Lanes(upstream);
      this.#nodes.set(upstream, lanes);
    }
    if (target.node === "" && table === this.table) this.#byCluster[target.cluster] = lanes;
    return lanes;
  }

  /** Whether nothing that must come first is in flight on the other lane. */
  isFree(lanes: Lanes, lane: Lane): boolean {
    return lanes.sharedInFlight === 0 || !this.usesOwn(lanes, lane);
  }

  /** A private link is used when asked for, and as long as anything is under way or pinned there. */
  usesOwn(lanes: Lanes, lane: Lane): boolean {
    if (lane === "private") return true;
    if (lanes.own === null) return false;
    return lanes.ownInFlight > 0 || this.#session.codec.pinned(lanes.upstream.spec.name);
  }

  /**
   * The link that a packet takes; null while the upstream is in back-off.
   * `carries` = settings that the packet itself brings along.
   */
  choose(lanes: Lanes, lane: Lane, carries: Journal | null = null): Link | null {
    return this.usesOwn(lanes, lane) ? this.#own(lanes, carries) : this.shared(lanes);
  }

  /** The link shared with sessions of the same settings. */
  shared(lanes: Lanes): Link | null {
    const { journal } = this.#session;
    const link = lanes.shared;
    if (link !== null && link.state !== "gone" && link.journal === journal) {
      if (!link.stale || lanes.sharedInFlight > 0) return link; // order: what is under way there comes first
    }
    lanes.shared = this.#core.sharedLink(lanes.upstream, journal);
    return lanes.shared;
  }

  /** The client takes no more, or takes it again: its own links are read accordingly. */
  pauseAll(paused: boolean): void {
    for (const { own } of this.#nodes.values()) this.pause(own, paused || own?.ahead === true);
  }

  /** What comes on the link runs ahead of what it is merged with, or no longer. */
  hold(link: Link, ahead: boolean): void {
    if (link.ahead === ahead) return;
    link.ahead = ahead;
    this.pause(link, ahead || this.#session.unsent >= 0);
  }

  /** As `pauseAll`, for one link. */
  pause(link: Link | null, paused: boolean): void {
    if (link === null || link.paused === paused || link.state === "gone") return;
    if (paused && link.state !== "ready") return; // it must hear the answers to its replay first
    link.paused = paused;
    link.askRead(!paused);
  }

  /** Whether the link takes no more: the session then waits for it. */
  isFull(link: Link): boolean {
    if (!link.full && (link.state === "ready" || link.sender.bytes < queueLimit)) return false;
    link.waiters.add(this.#session);
    this.#full.add(link);
    return true;
  }

  /** A link takes bytes again (or is gone). Returns whether none is full any more. */
  drained(link: Link): boolean {
    this.#full.delete(link);
    return this.#full.size === 0;
  }

  /** The session's own link is closed. */
  closed(link: Link): void {
    const lanes = this.#nodes.get(link.upstream);
    if (lanes?.own !== link) return;
    lanes.own = null;
    lanes.ownInFlight = 0;
  }

  /** Closes the session's own links. */
  release(): void {
    for (const lanes of this.#nodes.values()) {
      lanes.own?.release();
      lanes.own = null;
      lanes.ownInFlight = 0;
    }
  }

  /** Closes the session's own links to a cluster at once, as if they were lost. */
  drop(cluster: string): void {
    for (const { own, upstream } of [...this.#nodes.values()]) {
      if (upstream.spec.name === cluster) own?.fail("lost");
    }
  }

  /** The session ends: it waits for no link any more. */
  leave(): void {
    for (const link of this.#full) link.waiters.delete(this.#session);
    this.#full.clear();
    this.release();
  }

  #own(lanes: Lanes, carries: Journal | null): Link | null {
    const { journal } = this.#session;
    let link = lanes.own;
    if (link === null || link.state === "gone") {
      link = this.#core.privateLink(lanes.upstream, this.#session);
      lanes.own = link;
    }
    if (carries !== null) link?.carry(carries);
    else if (link !== null && link.journal !== journal) {
      link.adopt(journal);
      if (link.state === "replaying") this.pause(link, false);
    }
    return link;
  }

  /** Forgets nodes that are used no more: which there are is for the servers to say, so it has no bound. */
  #prune(): void {
    for (const [upstream, { own, ownInFlight, sharedInFlight }] of this.#nodes) {
      if (upstream.node !== "" && own === null && ownInFlight + sharedInFlight === 0) {
        this.#nodes.delete(upstream);
      }
    }
  }
}

/** Bytes queued on a link that is still opening before its clients are read no further. */
const queueLimit = 1 << 20;
/** Upstreams of one session before it looks for such as it uses no more. */
const manyNodes = 64;
