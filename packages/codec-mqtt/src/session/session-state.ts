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
  /** Names of the brokers that it concerns. */
  readonly brokers: readonly string[];
  /** Of these, such as have not heard of it yet. */
  readonly missing: readonly string[];
}

/** See the module. */
export class SessionState {
  uploads: Uploads = new Uploads();
  deliveries: Deliveries = new Deliveries();
  /** When it is forgotten after its connection has gone, Unix milliseconds. */
  expiresAt: number = Number.POSITIVE_INFINITY;
  #subscriptions: Map<string, Subscribed> = new Map<string, Subscribed>();
  /** Filters that are not the client's any more, and the brokers that have not heard of that. */
  #leftovers: Map<string, readonly string[]> = new Map<string, readonly string[]>();
  /** Brokers that have had a part of it. */
  #parts: Set<string> = new Set<string>();
  #former: ReadonlySet<string> = new Set<string>();
  /** Whether this router has followed the session from its beginning; not so after a restart without a memory. */
  #followed = false;
  #broken = false;
  #keeper: SessionKeeper | null = null;

  /** Whether it knows what its client has been told: all of its subscriptions. */
  get followed(): boolean {
    return this.#followed;
  }

  /** Whether a broker has lost subscriptions that nobody here knows: it cannot go on. */
  get broken(): boolean {
    return this.#broken;
  }

  /** By filter, as the client sent it. */
  get subscriptions(): ReadonlyMap<string, Subscribed> {
    return this.#subscriptions;
  }

  /** Names of the brokers that have had a part of it. */
  get parts(): ReadonlySet<string> {
    return this.#parts;
  }

  /** Names of the brokers that may have an older session of the client, which is not wanted. */
  get former(): ReadonlySet<string> {
    return this.#former;
  }

  /** A broker has a part of it. */
  joins(broker: string): void {
    if (this.#parts.has(broker)) return;
    this.#parts.add(broker);
    this.#keeper?.joined(broker);
  }

  /** A subscription stands. */
  subscribed(subscribed: Subscribed): void {
    const { filter } = subscribed.subscription;
    this.#subscriptions.set(filter, subscribed);
    this.#keeper?.subscribed(subscribed);
    if (this.#leftovers.delete(filter)) this.#keeper?.leaves(filter, []);
  }

  /** It does not stand any more; these brokers have not heard of that. */
  unsubscribed(filter: string, unheard: readonly string[] = []): void {
    if (this.#subscriptions.delete(filter)) this.#keeper?.unsubscribed(filter);
    if (unheard.length === 0) return;
    this.#leftovers.set(filter, unheard);
    this.#keeper?.leaves(filter, unheard);
  }

  /** What a broker has not heard of; everything when it has forgotten the session. */
  unheard(
    broker: string,
    forgotten: boolean,
  ): {
    readonly subscribe: readonly Subscribed[];
    readonly unsubscribe: readonly string[];
  } {
    const subscribe = [...this.#subscriptions.values()].filter(({ brokers, missing }) =>
      (forgotten ? brokers : missing).includes(broker),
    );
    const left = [...this.#leftovers].filter(([, names]) => names.includes(broker));
    return { subscribe, unsubscribe: forgotten ? [] : left.map(([filter]) => filter) };
  }

  /** The broker has heard of all. */
  heard(broker: string): void {
    const others = (names: readonly string[]): string[] => names.filter((name) => name !== broker);
    for (const each of this.#subscriptions.values()) {
      if (each.missing.includes(broker)) {
        this.subscribed({ ...each, missing: others(each.missing) });
      }
    }
    for (const [filter, names] of [...this.#leftovers]) {
      if (!names.includes(broker)) continue;
      const rest = others(names);
      if (rest.length > 0) this.#leftovers.set(filter, rest);
      else this.#leftovers.delete(filter);
      this.#keeper?.leaves(filter, rest);
    }
  }

  /** Takes over what another connection with the client id has left, if anything. */
  adopt(other: SessionState | null): void {
    if (other === null) return;
    this.#subscriptions = other.#subscriptions;
    this.#leftovers = other.#leftovers;
    this.#parts = other.#parts;
    this.uploads = other.uploads;
    this.deliveries = other.deliveries;
    this.#followed = other.#followed;
    this.#broken = other.#broken;
  }

  /** A broker has lost its part, which was not followed. */
  breaks(): void {
    this.#broken = true;
    this.#keeper?.breaks();
  }

  /** What another connection has left is not wanted: only who has a part of it counts. */
  leave(other: SessionState | null): void {
    this.#former = other?.parts ?? this.#former;
  }

  /** Knows what was kept of it while another router had it, or this one before it was started again. */
  restore(items: ReadonlyMap<string, Uint8Array>): void {
    const { subscriptions, leftovers, parts, deliveries, followed, broken } = readKept(items);
    for (const each of subscriptions) this.#subscriptions.set(each.subscription.filter, each);
    for (const [filter, names] of leftovers) this.#leftovers.set(filter, names);
    for (const name of parts) this.#parts.add(name);
    this.deliveries.restore(deliveries);
    this.#followed = followed;
    this.#broken = broken;
  }

  /** What happens to it from now on is kept; null = nowhere but here. */
  keptBy(keeper: SessionKeeper | null): void {
    this.#keeper = keeper;
    this.deliveries.keeper = keeper;
  }

  /** A connection of its client stands; the session outlives it by so many milliseconds. */
  stands(anew: boolean, idle: number): void {
    this.#keeper?.begin(anew, idle);
    if (anew || !this.#followed) for (const name of this.#parts) this.#keeper?.joined(name);
    if (!this.#followed) this.#keeper?.notFollowed();
  }

  /** The connection has gone; what was kept is kept until then, Unix milliseconds. */
  rest(until: number): void {
    this.expiresAt = until;
    this.uploads.rest();
    this.#keeper?.rest(until);
  }

  /** The brokers have kept nothing; these have a part of it now. */
  begin(parts: readonly string[]): void {
    this.#subscriptions.clear();
    this.#leftovers.clear();
    this.#parts.clear();
    for (const name of parts) this.#parts.add(name);
    this.uploads.clear();
    this.deliveries.clear();
    this.#followed = true;
    this.#broken = false;
  }

  /**
   * A new connection goes on with it. `now` = Unix milliseconds: a session that was not followed may have
   * QoS 2 ids that its client takes for messages which it knows, so ids begin at a place that hangs on it.
   */
  resume(now: number): void {
    this.uploads.resume();
    this.deliveries.resume();
    if (!this.#followed) this.deliveries.beginAfter(now);
  }
}
