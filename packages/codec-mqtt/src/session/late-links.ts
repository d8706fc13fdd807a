/**
 * Links that are opened while the client is connected: to brokers that were
 * not needed before, and to those that were lost.
 */
import {
  fragment,
  local,
  type NextPlan,
  noReaction,
  type Reaction,
  type RouterContext,
  type RoutingTable,
  reaction,
  skip,
} from "@echarde/core";
import { clustersOf } from "../sources/source-tables.ts";
import type { Connack } from "../wire/packets.ts";
import { reason } from "../wire/reasons.ts";
import { Away } from "./away.ts";
import type { Brokers } from "./brokers.ts";
import type { Client } from "./client.ts";
import { Connecting } from "./connecting.ts";
import type { DropReason } from "./dropped.ts";
import { LateOpening } from "./late-opening.ts";
import { type Granted, grantedBy } from "./merge-connack.ts";
import { acknowledgement, disconnectPacket } from "./own-packets.ts";
import type { Policy } from "./policy.ts";
import type { PublishingLinks } from "./publishing.ts";
import type { SessionState } from "./session-state.ts";

/** What it needs of its session. */
export interface LateLinksOwner {
  /** How links are treated. */
  readonly policy: Policy;
  /** What brokers have granted that were opened late, by name. */
  readonly learned: Map<string, Connack>;
  /** Has `retry` called before the present input ends. */
  retry(): void;
  /** Time of the input. */
  now(): number;
  /** A message is not passed on. */
  dropped(why: DropReason): void;
}

/** Whose links they are. */
interface Who {
  readonly client: Client;
  readonly state: SessionState;
  readonly brokers: Brokers;
}

/** See the module. */
export class LateLinks implements PublishingLinks {
  /** What the client was told; set it before it hears. */
  told: Granted;
  readonly keepsPackets: boolean;
  readonly #router: RouterContext;
  readonly #client: Client;
  readonly #state: SessionState;
  readonly #brokers: Brokers;
  readonly #owner: LateLinksOwner;
  readonly #away: Away = new Away();
  /** Brokers that do not answer: their links are to be closed. */
  readonly #hung: Set<string> = new Set<string>();
  /** Acknowledgements for the client. */
  #unsaid: Uint8Array[] = [];
  /** QoS 2 messages have been forgotten by their broker. */
  #mustRelease = false;
  /** The table that links were opened for. */
  readonly #table: RoutingTable;

  constructor(router: RouterContext, { client, state, brokers }: Who, owner: LateLinksOwner) {
    this.told = grantedBy([], client.asked);
    this.keepsPackets = owner.policy.isolate;
    this.#router = router;
    this.#client = client;
    this.#state = state;
    this.#brokers = brokers;
    this.#owner = owner;
    this.#table = router.table;
  }

  get mayLack(): boolean {
    const { lazy, isolate } = this.#owner.policy;
    return lazy || isolate || this.#router.table !== this.#table;
  }

  isThere(name: string): boolean {
    return this.#brokers.isThere(name);
  }

  isUnused(name: string): boolean {
    return this.#brokers.state(name) === "closed";
  }

  /** When `retry` is to be called, Unix milliseconds. */
  get retryAt(): number {
    return this.#away.nextAt;
  }

  /** Opens links again whose time has come, closes those that hang, and releases what brokers have forgotten. */
  retry(): Reaction {
    const plans = this.#away
      .due(this.#owner.now())
      .map((name) => this.#open(name, false, () => skip));
    if (this.#mustRelease) plans.push(local(this.releases()));
    this.#mustRelease = false;
    if (this.#unsaid.length > 0) plans.push(local(this.#unsaid));
    this.#unsaid = [];
    const drop = [...this.#hung];
    this.#hung.clear();
    return plans.length + drop.length === 0 ? noReaction : reaction({ plans, drop });
  }

  /** Opens links that were not needed until now, one after the other. */
  openAll(names: readonly string[], then: () => NextPlan): NextPlan {
    const [next, ...rest] = names.filter((name) => this.isUnused(name));
    return next === undefined ? then() : this.#open(next, true, () => this.openAll(rest, then));
  }

  /** Opens one; `then` hears whether it takes packets. Not called when the client must go. */
  #open(name: string, hold: boolean, then: (live: boolean) => NextPlan): NextPlan {
    const connecting = new Connecting(this.#router, this.#brokers, this.#client);
    if (this.#brokers.target(connecting.table, name) === null) return then(false);
    return new LateOpening(connecting, this.#state).start(name, hold, (came) => {
      const { live, refusal, words, connack } = came;
      const { isolate } = this.#owner.policy;
      if (refusal !== 0) return this.#byes(refusal, words || `cluster ${name} refuses`);
      if (!live && !isolate) {
        return this.#byes(reason.serverShuttingDown, `cluster ${name} is not there`);
      }
      if (!live) {
        this.leaves(name);
        return then(false);
      }
      this.#away.remove(name);
      if (connack !== null && this.#isTighter(name, connack)) {
        const words = `cluster ${name} allows less than the client was told: connect again`;
        return this.#byes(reason.serverShuttingDown, words);
      }
      if (this.#state.deliveries.abandoned.length > 0) {
        this.#mustRelease = true;
        this.#owner.retry();
      }
      const { version } = this.#client;
      const { packets, dropped } = this.#state.uploads.resend(name, version, this.#owner.now());
      for (const _ of dropped) this.#owner.dropped("expired");
      const parts = this.#brokers.tell(connecting.table, name, packets);
      if (dropped.length > 0) {
        this.#unsaid.push(...dropped);
        this.#owner.retry();
      }
      return packets.length === 0 ? then(true) : fragment(parts, () => then(true), { hold });
    });
  }

  /** Opens one that was not needed until now. */
  open(name: string, then: (live: boolean) => NextPlan): NextPlan {
    return this.#open(name, true, then);
  }

  /** A broker does not answer. */
  hangs(name: string): void {
    this.#hung.add(name);
    this.#owner.retry();
  }

  /** A broker is away; it is tried again. */
  leaves(name: string): void {
    this.#brokers.set(name, "away");
    this.#away.add(name, this.#owner.now());
    this.#owner.retry(); // which says when the next time is
  }

  /** PUBREL of QoS 2 messages that their brokers have forgotten. */
  releases(): readonly Uint8Array[] {
    const { version } = this.#client;
    return this.#state.deliveries.abandoned.map((id) => acknowledgement("pubrel", id, version));
  }

  /** What brokers without a link have granted before. */
  learned(): readonly Connack[] {
    const names = clustersOf(this.#router).filter((name) => this.#brokers.state(name) !== "live");
    return names.flatMap((name) => this.#owner.learned.get(name) ?? []);
  }

  /** Whether a broker grants less than the client knows; the next client is told. */
  #isTighter(name: string, connack: Connack): boolean {
    const granted = grantedBy([connack], this.#client.asked);
    const { told } = this;
    const tighter =
      granted.receiveMaximum < told.receiveMaximum ||
      granted.maximumQos < told.maximumQos ||
      granted.retainAvailable < told.retainAvailable ||
      granted.maximumPacketSize < told.maximumPacketSize ||
      (granted.keepAlive > 0 && (told.keepAlive === 0 || granted.keepAlive < told.keepAlive)) ||
      granted.sessionExpiry < told.sessionExpiry;
    if (tighter) this.#owner.learned.set(name, connack);
    return tighter;
  }

  #byes(code: number, words: string): NextPlan {
    return local(disconnectPacket(this.#client, code, words), { end: true });
  }
}
