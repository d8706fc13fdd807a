/** What outlives a client's connection, by its client id. */
import type { Subscription } from "../wire/packets.ts";
import type { Property } from "../wire/properties.ts";
import { Deliveries } from "./deliveries.ts";
import { readKept, type SessionKeeper } from "./session-keeper.ts";
import { Uploads } from "./uploads.ts";

/** A subscription that stands. */
export interface Subscribed {
  /** As the client sent it. */
  readonly subscription: Subscription;
  /** Those of its SUBSCRIBE: the identifier. */
  readonly properties: readonly Property[];
  /** Names of the brokers that have it. */
  readonly brokers: readonly string[];
}

/** See the module. */
export class SessionState {
  #subscriptions: Map<string, Subscribed> = new Map<string, Subscribed>();
  uploads: Uploads = new Uploads();
  deliveries: Deliveries = new Deliveries();
  /** When it is forgotten after its connection has gone, Unix milliseconds. */
  expiresAt: number = Number.POSITIVE_INFINITY;

  /** Whether this router has followed the session from its beginning; not so after a restart. */
  #followed = false;
  #keeper: SessionKeeper | null = null;

  /** Whether it knows what its client has been told. */
  get followed(): boolean {
    return this.#followed;
  }

  /** By filter, as the client sent it. */
  get subscriptions(): ReadonlyMap<string, Subscribed> {
    return this.#subscriptions;
  }

  /** A subscription stands. */
  subscribed(subscribed: Subscribed): void {
    this.#subscriptions.set(subscribed.subscription.filter, subscribed);
    this.#keeper?.subscribed(subscribed);
  }

  /** It does not stand any more. */
  unsubscribed(filter: string): void {
    if (this.#subscriptions.delete(filter)) this.#keeper?.unsubscribed(filter);
  }

  /** Takes over what another connection with the client id has left, if anything. */
  adopt(other: SessionState | null): void {
    if (other === null) return;
    this.#subscriptions = other.#subscriptions;
    this.uploads = other.uploads;
    this.deliveries = other.deliveries;
    this.#followed = true;
  }

  /** Knows what was kept of it while another router had it, or this one before it was started again. */
  restore(items: ReadonlyMap<string, Uint8Array>): void {
    const { subscriptions, deliveries } = readKept(items);
    for (const each of subscriptions) this.#subscriptions.set(each.subscription.filter, each);
    this.deliveries.restore(deliveries);
    this.#followed = true;
  }

  /** What happens to it from now on is kept; null = nowhere but here. */
  keptBy(keeper: SessionKeeper | null): void {
    this.#keeper = keeper;
    this.deliveries.keeper = keeper;
  }

  /** A connection of its client stands; the session outlives it by so many milliseconds. */
  stands(anew: boolean, idle: number): void {
    this.#keeper?.begin(anew, idle);
  }

  /** The connection has gone; what was kept is kept until then, Unix milliseconds. */
  rest(until: number): void {
    this.expiresAt = until;
    this.#keeper?.rest(until);
  }

  /** The brokers have kept nothing. */
  begin(): void {
    this.#subscriptions.clear();
    this.uploads.clear();
    this.deliveries.clear();
    this.#followed = true;
  }

  /**
   * A new connection goes on with it. `now` = Unix milliseconds: a session that was not followed may have
   * QoS 2 ids that its client takes for messages which it knows, so ids begin at a place that hangs on it.
   */
  resume(now: number): void {
    this.uploads.resume();
    this.deliveries.resume();
    if (!this.#followed) this.deliveries.beginAfter(now);
    this.#followed = true;
  }
}
