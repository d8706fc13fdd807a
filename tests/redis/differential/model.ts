/**
 * What the router is allowed to do differently, and nothing else: refuse
 * keys of several clusters, refuse inside a transaction what concerns more
 * than its cluster. The single server then gets what has the same effect.
 */

import type { Comparison, Item } from "./item.ts";
import { clusterOf } from "./slots.ts";

/** How a command is sent and judged. */
export interface Planned {
  readonly item: Item;
  /** Both answer alike; `router` = the router alone answers, an error that matches; `skip` = not sent at all. */
  readonly verdict: "same" | "router" | "skip";
  /** For `router`. */
  readonly words: RegExp;
  /** For `router`: the single server gets a wrong command, so that its transaction fails too. */
  readonly spoil: boolean;
  /** For EXEC: what its reply has an element for. */
  readonly queued: readonly Item[] | null;
  /** For `same`: how the reply compares. */
  readonly compare: Comparison;
  /** The answer is `+QUEUED`; its own comes with EXEC. */
  readonly waits: boolean;
  /** Clusters that run it. */
  readonly clusters: number;
}

const crossSlot = /^-CROSSSLOT Keys in request don't hash to the same slot\r\n$/;
const notInside = /^-ERR .*\r\n$/;
const overAll = /^(DBSIZE|KEYS|FLUSH.*|SCRIPT .*|FUNCTION (LOAD|DELETE)|PUBSUB .*|INFO)$/;

/** The state of one connection as far as it matters. */
export class SessionModel {
  #queueing = false;
  #cluster = -1;
  #queued: Item[] = [];

  /** Between MULTI and EXEC. */
  get queueing(): boolean {
    return this.#queueing;
  }

  /** The plan of the next command. */
  plan(item: Item): Planned {
    const owners = [...new Set(item.keys.map(clusterOf))];
    const clusters = item.role === "outside" && overAll.test(item.label) ? 3 : owners.length;
    const same = (compare: Comparison = item.compare): Planned => ({
      ...{
        item,
        verdict: "same",
        words: notInside,
        spoil: false,
        queued: null,
        compare,
        waits: false,
        clusters,
      },
    });
    const refused = (words: RegExp): Planned => ({
      ...same(),
      ...{ verdict: "router", words, spoil: this.#queueing, clusters: 0 },
    });
    if (item.closes === true) {
      this.#end();
      return same();
    }
    switch (item.label) {
      case "RESET":
        this.#end();
        return same();
      case "MULTI":
        this.#queueing = true;
        return same();
      case "EXEC":
      case "DISCARD": {
        if (!this.#queueing) return same();
        const queued = item.label === "EXEC" ? this.#queued : null;
        this.#end();
        return { ...same(), queued };
      }
      case "WATCH":
        if (this.#queueing) return same();
        if (owners.length > 1 || (this.#cluster >= 0 && owners[0] !== this.#cluster))
          return refused(crossSlot);
        this.#cluster = owners[0] as number;
        return same();
      case "UNWATCH":
        if (!this.#queueing) this.#cluster = -1;
        break;
      default:
        break;
    }
    if (item.role === "refused" && !this.#queueing) return refused(notInside);
    if (this.#queueing) return this.#whileQueueing(item, owners, same, refused);
    return owners.length > 1 && (item.role === "keyed" || item.role === "keyless")
      ? refused(crossSlot)
      : same();
  }

  #whileQueueing(
    item: Item,
    owners: readonly number[],
    same: (compare: Comparison) => Planned,
    refused: (words: RegExp) => Planned,
  ): Planned {
    switch (item.role) {
      case "bad":
        return same("exact");
      case "outside":
        // Whether it is answered hangs on what the connection speaks: session.test.ts has each case.
        if (item.label === "HELLO") return { ...same("exact"), verdict: "skip" };
        return refused(notInside);
      case "refused":
        return refused(notInside);
      case "vague":
        // The router may or may not see its keys: it is queued either way only where they belong.
        if (owners.some((owner) => owner !== this.#cluster)) {
          return { ...same("exact"), verdict: "skip" };
        }
        break;
      default:
        break;
    }
    if (owners.length > 1) return refused(crossSlot);
    const [owner] = owners;
    if (owner !== undefined && item.role !== "message") {
      if (this.#cluster >= 0 && owner !== this.#cluster) return refused(crossSlot);
      this.#cluster = owner;
    }
    this.#queued.push(item);
    return { ...same("exact"), waits: true };
  }

  #end(): void {
    this.#queueing = false;
    this.#cluster = -1;
    this.#queued = [];
  }
}
