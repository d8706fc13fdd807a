/** The codec at work for one router: what all its sessions share. */

import type {
  LinkCodec,
  LinkContext,
  RouterContext,
  RoutingTable,
  RunningCodec,
  Security,
  SessionCodec,
  SessionContext,
} from "@echarde/core";
import { braceTag, Journal, slotOf } from "@echarde/core";
import { FOUND, KeyFinder, type KeyStatus } from "./commands/keys.ts";
import { type CommandIndex, commandIndex } from "./commands/lookup.ts";
import { RedisLink } from "./link.ts";
import type { RedisOptions } from "./options.ts";
import { Admission } from "./plans/admission.ts";
import { Forwards } from "./plans/sending.ts";
import type { Request } from "./request.ts";
import { RedisSession } from "./session.ts";
import { compareVersions } from "./versions.ts";

const redisTag = braceTag(123, 125);

/** See the module. */
export class RedisRuntime implements RunningCodec {
  readonly options: RedisOptions;
  readonly commands: CommandIndex;
  /** Finds keys; what it found is of the last request alone. */
  readonly finder: KeyFinder = new KeyFinder();
  /** What the last search for keys gave. */
  found: KeyStatus = FOUND;
  /** What is known of passwords at the clusters. */
  readonly admission: Admission = new Admission();
  /** Sessions that are open. */
  readonly sessions: Set<RedisSession> = new Set<RedisSession>();
  /** Clusters of the table. */
  clusterCount = 0;
  /** Their indexes. */
  allClusters: readonly number[] = [];
  /** A hash of their names in order, for SCAN cursors. */
  fingerprint = 0;
  /** Plans of single requests. */
  forwards: Forwards = new Forwards(0);
  /** Lowest server version met in a reply to HELLO, "" before the first. */
  lowestVersion = "";
  readonly #context: RouterContext;
  #table: RoutingTable | null = null;
  #starts = 0;

  constructor(context: RouterContext, options: RedisOptions) {
    this.#context = context;
    this.options = options;
    this.commands = commandIndex(options.commands);
    this.refresh();
  }

  session(context: SessionContext): SessionCodec {
    return new RedisSession(context, this);
  }

  link(context: LinkContext): LinkCodec {
    return new RedisLink(context, this.security, this.admission);
  }

  securityChanged(): void {
    for (const session of this.sessions) session.context.wake();
  }

  /** Settings of a session that has set nothing. */
  get freshJournal(): Journal {
    return this.security.passes ? this.admission.fresh : Journal.empty;
  }

  /** Credentials of the router and users that it checks. */
  get security(): Security {
    return this.#context.security;
  }

  /** Index of the cluster that answers what needs no key. */
  get localCluster(): number {
    return this.#context.table.localCluster;
  }

  /** Largest request that is held whole, bytes. */
  get maxRequest(): number {
    return this.#context.limits.maxRequest;
  }

  /** Cluster of the key at `bytes[from, to)`, -1 = none. */
  owner(bytes: Uint8Array, from: number, to: number): number {
    return this.#context.table.route(bytes, from, to);
  }

  /** Hash slot of a key, as in Redis Cluster. */
  slot(bytes: Uint8Array, from: number, to: number): number {
    redisTag.find(bytes, from, to);
    return slotOf(bytes, redisTag.from, redisTag.to);
  }

  /** Views of the keys of a request. */
  keysOf(request: Request): readonly Uint8Array[] {
    const { command, bytes, start, end, argc } = request;
    if (command === null || this.finder.find(command, bytes, start, end, argc) !== FOUND) return [];
    return [...this.finder.indexes.subarray(0, this.finder.count)].map((index) =>
      request.arg(index),
    );
  }

  /** Index of a cluster, -1 when the table no longer has it. */
  indexOf(cluster: string): number {
    return this.#context.table.clusters.findIndex(({ name }) => name === cluster);
  }

  /** Name of a cluster. */
  nameOf(cluster: number): string {
    return this.#context.table.clusters[cluster]?.name ?? "";
  }

  /** Takes a new table over; cheap when there is none. */
  refresh(): void {
    const { table } = this.#context;
    if (table === this.#table) return;
    this.#table = table;
    this.clusterCount = table.clusters.length;
    this.allClusters = table.clusters.map((_, index) => index);
    this.forwards = new Forwards(this.clusterCount);
    let hash = 0x811c9dc5;
    for (const { name } of table.clusters) {
      for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ 0, 0x01000193);
    }
    // Only some bits count: each is to depend on all.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    this.fingerprint = hash ^ (hash >>> 16);
  }

  /** Where the next RANDOMKEY begins. */
  nextStart(): number {
    this.#starts = (this.#starts + 1) % Math.max(1, this.clusterCount);
    return this.#starts;
  }

  /** A server said its version. */
  sawVersion(version: string): string {
    if (this.lowestVersion === "" || compareVersions(version, this.lowestVersion) < 0) {
      this.lowestVersion = version;
    }
    return this.lowestVersion;
  }
}
