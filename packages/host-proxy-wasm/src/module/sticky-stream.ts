/**
 * The sticky route: a client speaks to one cluster, without a bridge.
 *
 * ```
 *   choosing ──whole request(s)──▶ bound: each request is looked at
 *      │ first key, else source rule, else localCluster      ├─ all keys on the cluster: passes as it is
 *      ▼                                                     └─ else: replaced by one that is answered by an error
 *   filter state envoy.tcp_proxy.cluster
 * ```
 * A request that another cluster owns, or that concerns several, never
 * reaches a server as it is.
 */
import {
  type Codec,
  defaultLimits,
  encodeUtf8,
  Journal,
  type Limits,
  noSecurity,
  type Plan,
  type RoutingTable,
  type RunningCodec,
  type SessionCodec,
} from "@echarde/core";
import { downstream, operations, type Records } from "./records.ts";
import type { Settings, SourceRules } from "./settings.ts";
import { type StickyProfile, stickyProfile } from "./sticky-profile.ts";
import { leave, passOn, replaced, type Stream, taken, type Verdict } from "./stream.ts";

/** What all sticky connections of a configuration share. */
export class Sticky {
  /** The newest table. */
  table: RoutingTable;
  /** See {@link StickyProfile}. */
  readonly profile: StickyProfile;
  /** See {@link SourceRules}. */
  readonly sources: SourceRules;
  /** Most bytes of a request that is looked at as a whole. */
  readonly maxRequest: number;
  /** Those of the profile's names that the codec, with its options, reads the same way. */
  readonly oneKey: readonly string[];
  readonly #running: RunningCodec;

  constructor({ codec, table, limits: given, sources }: Settings) {
    this.table = table;
    this.sources = sources;
    this.profile = stickyProfile(codec.name);
    const limits: Limits = { ...defaultLimits, ...given };
    this.maxRequest = limits.maxRequest;
    this.#running = running(codec, this, limits);
    this.oneKey = this.profile.oneKey.filter((name) => hasOneKey(this.reader(0), name));
  }

  /** Another table for connections that stand. */
  swap(table: RoutingTable): void {
    this.table = table;
  }

  /** Reads requests; knows nothing of those before. */
  reader(now: number): SessionCodec {
    const wake = (): void => {};
    return this.#running.session({ id: 0, now, journal: Journal.empty, wake });
  }
}

function running(codec: Codec, sticky: Sticky, limits: Limits): RunningCodec {
  return codec.start({
    get table(): RoutingTable {
      return sticky.table;
    },
    limits,
    records: null,
    keepsValues: false,
    security: { ...noSecurity, passes: false }, // the cluster judges passwords: AUTH passes
    keep: (bytes) => bytes.slice(),
  });
}

function hasOneKey(reader: SessionCodec, name: string): boolean {
  const request = encodeUtf8(
    `*5\r\n$${name.length}\r\n${name}\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n`,
  );
  reader.request(request, 0);
  const keys = reader.keys(request);
  return keys.length === 1 && keys[0]?.length === 1 && keys[0][0] === 97;
}

/** See the module. */
export class StickyStream implements Stream {
  readonly deadline: number = Number.POSITIVE_INFINITY;
  readonly closing = false;
  readonly #id: number;
  readonly #records: Records;
  readonly #sticky: Sticky;
  #reader: SessionCodec;
  readonly #now: number;
  /** Name of the cluster, "" = not chosen yet. */
  #cluster = "";
  /** Bytes of a request that is not whole. */
  #rest: Uint8Array = none;
  #need = 0;
  #body = false;
  #over = false;
  /** The event has more pieces than one: what the first ones left in the buffer would stand behind the last. */
  #pieces = false;
  /** The event has put something in place of what it took. */
  #moved = false;
  /** Offset behind the request that was looked at last. */
  #end = 0;

  constructor(id: number, records: Records, sticky: Sticky, now: number) {
    this.#id = id;
    this.#records = records;
    this.#sticky = sticky;
    this.#now = now;
    this.#reader = sticky.reader(now);
  }

  get held(): number {
    return this.#rest.length;
  }

  downstream(chunk: Uint8Array, last: boolean, end: boolean, _now: number): Verdict {
    if (this.#over) return taken;
    const held = this.#rest.length;
    const bytes = held === 0 ? chunk : concat(this.#rest, chunk);
    this.#rest = none;
    let from = 0;
    let plain = true;
    while (from < bytes.length) {
      if (this.#body) {
        from = this.#reader.body(bytes, from);
        this.#body = this.#reader.more;
        if (!this.#body) this.#reader = this.#sticky.reader(this.#now);
        continue;
      }
      const plan = bytes.length - from < this.#need ? null : this.#reader.request(bytes, from);
      if (plan === null) break;
      this.#need = 0;
      if ((plan.type === "refuse" || plan.type === "local") && plan.end && plan.type === "refuse") {
        return this.#close("what the client sends is not the protocol");
      }
      this.#end = this.#reader.end;
      if (this.#cluster === "") this.#choose(bytes, from, plan);
      const words = this.#verdict(bytes, plan);
      this.#body = this.#reader.more;
      if (words !== "") {
        if (this.#body) return this.#close(words); // its value may be long: it is not read for nothing
        const refusal = this.#sticky.profile.refusal(words);
        if (refusal === null) return this.#close(words);
        if (plain) this.#forward(bytes.subarray(0, from));
        plain = false;
        this.#forward(refusal);
      } else if (!plain) this.#forward(bytes.subarray(from, this.#end));
      if (plan.type !== "forward" && !this.#body) this.#reader = this.#sticky.reader(this.#now);
      from = this.#end;
    }
    if (from < bytes.length) {
      this.#rest = bytes.slice(from);
      this.#need = Math.max(this.#need, this.#reader.need);
      if (Math.max(this.#need, this.#rest.length) > this.#sticky.maxRequest)
        return this.#close("a request is larger than may be held");
    }
    if (end && last && this.#cluster === "") this.#bind(this.#local());
    const whole = plain && held === 0 && from === bytes.length;
    if (whole && last && !this.#pieces) return this.#cluster === "" ? leave : passOn;
    if (plain && from > 0) this.#forward(bytes.subarray(0, from));
    const moved = this.#moved || end;
    this.#pieces = !last;
    if (last) this.#moved = false;
    return moved && this.#cluster !== "" ? replaced : taken;
  }

  /** The shim asks this for requests that it can read itself. */
  passes(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#over || this.#body || this.#pieces || this.#moved || this.#rest.length > 0)
      return false;
    const { table } = this.#sticky;
    return table.clusters[table.route(bytes, from, to)]?.name === this.#cluster;
  }

  upstream(_bytes: Uint8Array, _last: boolean, _end: boolean, _now: number): Verdict {
    return passOn;
  }

  fetched(): void {}

  upstreamClosed(): void {}

  tick(): void {}

  swap(): void {}

  closed(): void {
    this.#over = true;
  }

  // ---- private ------------------------------------------------------------

  #forward(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#moved = true;
    this.#records.append(operations.toUpstream, bytes);
  }

  #close(why: string): Verdict {
    this.#over = true;
    this.#records.clear();
    this.#records.log(3, `echarde: connection closed: ${why}`);
    this.#records.number(operations.close, downstream);
    return taken;
  }

  #local(): string {
    const { table } = this.#sticky;
    return table.clusters[table.localCluster]?.name ?? "";
  }

  /** Looks through the requests that are there for the first that says where the connection belongs. */
  #choose(bytes: Uint8Array, from: number, first: Plan): void {
    const { table, profile, sources } = this.#sticky;
    let cluster = this.#owner(bytes, this.#reader, first);
    let source = profile.source(bytes.subarray(from, this.#end), sources);
    const ahead = this.#sticky.reader(this.#now);
    for (let at = this.#end; cluster === "" && at < bytes.length && !this.#reader.more; ) {
      const plan = ahead.request(bytes, at);
      if (plan === null || (plan.type === "refuse" && plan.end)) break;
      cluster = this.#owner(bytes, ahead, plan);
      if (source === "") source = profile.source(bytes.subarray(at, ahead.end), sources);
      if (ahead.more) break;
      at = ahead.end;
    }
    if (cluster === "" && table.clusters.some(({ name }) => name === source)) cluster = source;
    this.#bind(cluster === "" ? this.#local() : cluster);
  }

  /** The cluster that a request asks for: that of its first key, or the only one of its parts. */
  #owner(bytes: Uint8Array, reader: SessionCodec, plan: Plan): string {
    const { table } = this.#sticky;
    const [key] = plan.type === "skip" ? [] : reader.keys(bytes);
    if (key !== undefined) return table.clusters[table.route(key, 0, key.length)]?.name ?? "";
    if (plan.type !== "fragment" || plan.journal !== null) return "";
    const [part, ...more] = plan.parts;
    if (part === undefined || more.some(({ cluster }) => cluster !== part.cluster)) return "";
    return table.clusters[part.cluster]?.name ?? "";
  }

  #bind(cluster: string): void {
    this.#cluster = cluster;
    if (this.#sticky.oneKey.length > 0) this.#records.number(operations.plain, this.#id);
    this.#records.foreign("set_envoy_filter_state", filterState(cluster));
  }

  /** Why the request may not pass, "" = it may. */
  #verdict(bytes: Uint8Array, plan: Plan): string {
    if (plan.type === "skip") return "";
    const { table, profile } = this.#sticky;
    const reader = this.#reader;
    const { label } = reader;
    for (const key of reader.keys(bytes)) {
      const owner = table.clusters[table.route(key, 0, key.length)]?.name;
      if (owner === undefined) return `${label}: no cluster owns the key`;
      if (owner !== this.#cluster)
        return `${label}: the key is on cluster ${owner}, this connection on ${this.#cluster}`;
    }
    if (profile.passes.has(label)) return "";
    switch (plan.type) {
      case "forward":
      case "local":
      case "ask":
        return "";
      case "fragment":
      case "stream": {
        if (plan.type === "fragment" && plan.journal !== null) return "";
        const others = plan.parts.some(
          ({ cluster }) => table.clusters[cluster]?.name !== this.#cluster,
        );
        return others
          ? `${label}: concerns more clusters than ${this.#cluster}, where this connection is`
          : "";
      }
      default:
        return `${label}: not possible on a connection to one of several clusters`;
    }
  }
}

/** Argument of `set_envoy_filter_state`: protobuf 1 = key, 2 = value. */
function filterState(cluster: string): Uint8Array {
  const field = (number: number, text: string): number[] => {
    const bytes = encodeUtf8(text);
    return [(number << 3) | 2, bytes.length, ...bytes];
  };
  return Uint8Array.from([...field(1, "envoy.tcp_proxy.cluster"), ...field(2, cluster)]);
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

const none = new Uint8Array(0);
