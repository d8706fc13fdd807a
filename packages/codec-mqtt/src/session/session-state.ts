/** What outlives a client's connection, by its client id. */
import type { Subscription } from "../wire/packets.ts";
import type { Property } from "../wire/properties.ts";
import { Deliveries } from "./deliveries.ts";
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
  /** By filter, as the client sent it. */
  subscriptions: Map<string, Subscribed> = new Map<string, Subscribed>();
  uploads: Uploads = new Uploads();
  deliveries: Deliveries = new Deliveries();
  /** When it is forgotten after its connection has gone, Unix milliseconds. */
  expiresAt: number = Number.POSITIVE_INFINITY;

  /** Whether this router has followed the session from its beginning; not so after a restart. */
  #followed = false;

  /** Takes over what another connection with the client id has left. */
  adopt({ subscriptions, uploads, deliveries }: SessionState): void {
    this.subscriptions = subscriptions;
    this.uploads = uploads;
    this.deliveries = deliveries;
    this.#followed = true;
  }

  /** The brokers have kept nothing. */
  begin(): void {
    this.subscriptions.clear();
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
