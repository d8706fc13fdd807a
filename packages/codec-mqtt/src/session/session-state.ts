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

  /** Takes over what another connection with the client id has left. */
  adopt({ subscriptions, uploads, deliveries }: SessionState): void {
    this.subscriptions = subscriptions;
    this.uploads = uploads;
    this.deliveries = deliveries;
  }

  /** A new connection goes on with it. */
  resume(): void {
    this.uploads.resume();
    this.deliveries.resume();
  }
}
