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
import type { Plan, SessionCodec } from "@echarde/core";
import { downstream, operations, type Records } from "./records.ts";
import { Remainder } from "./remainder.ts";
import { bindTo, type Sticky } from "./sticky.ts";
import { leave, passOn, replaced, type Stream, taken, type Verdict } from "./stream.ts";

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
  readonly #rest: Remainder = new Remainder();
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
    return this.#rest.held;
  }

  downstream(chunk: Uint8Array, last: boolean, end: boolean, _now: number): Verdict {
    if (this.#over) return taken;
    const held = this.#rest.length;
    const bytes = this.#rest.with(chunk);
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
      if (plan.type === "refuse" && plan.end) {
        return this.#close("what the client sends is not the protocol");
      }
      if (plan.type === "local" && this.#sticky.profile.judges === "forwards") {
        // The client asks whether its body is wanted. Nothing can answer before a cluster is chosen: it sends it all the same.
        this.#reader = this.#sticky.reader(this.#now);
        break;
      }
      this.#end = this.#reader.end;
      if (this.#cluster === "") this.#choose(bytes, from, plan);
      const words = this.#verdict(bytes, from, plan);
      this.#body = this.#reader.more;
      if (words !== "") {
        if (this.#body) return this.#close(words); // its value may be long: it is not read for nothing
        const request = bytes.subarray(from, this.#end);
        const refusal = this.#sticky.profile.refusal(words, request);
        if (refusal === null) return this.#close(words);
        if (plain) this.#forward(bytes.subarray(0, from));
        plain = false;
        this.#forward(refusal);
      } else if (!plain) this.#forward(bytes.subarray(from, this.#end));
      if (plan.type !== "forward" && !this.#body) this.#reader = this.#sticky.reader(this.#now);
      from = this.#end;
    }
    this.#rest.keep(bytes, from);
    if (from < bytes.length) {
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

  carried(bytes: Uint8Array, from: number, to: number): number {
    if (this.#over || this.#body || this.#pieces || this.#moved || this.#rest.length > 0) return 0;
    const { table, oneKey } = this.#sticky;
    if (oneKey.length === 0) return 0;
    return table.clusters[table.route(bytes, from, to)]?.name === this.#cluster ? 1 : 0;
  }

  adopt(): void {}

  late(): void {}

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
    // Most connections begin with a key, and have none of what follows to pay.
    if (cluster !== "") {
      this.#bind(cluster);
      return;
    }
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
    const { table, profile } = this.#sticky;
    const [key] = plan.type === "skip" ? [] : reader.keys(bytes);
    if (key !== undefined) return table.clusters[table.route(key, 0, key.length)]?.name ?? "";
    if (profile.judges === "listed" || profile.passes.has(reader.label)) return "";
    if (profile.judges === "forwards")
      return plan.type === "forward" ? (table.clusters[plan.cluster]?.name ?? "") : "";
    if (plan.type !== "fragment" || plan.journal !== null) return "";
    const [part, ...more] = plan.parts;
    if (part === undefined || more.some(({ cluster }) => cluster !== part.cluster)) return "";
    return table.clusters[part.cluster]?.name ?? "";
  }

  #bind(cluster: string): void {
    this.#cluster = cluster;
    this.#records.number(operations.plain, this.#id);
    bindTo(this.#records, cluster);
  }

  /** Why the request may not pass, "" = it may. */
  #verdict(bytes: Uint8Array, from: number, plan: Plan): string {
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
    const unchecked = profile.uncheckable(label, bytes.subarray(from, this.#end));
    if (unchecked !== "") return unchecked;
    if (profile.passes.has(label)) return "";
    if (profile.judges === "listed") return `${label}: not passed on by this route`;
    if (profile.judges === "forwards") {
      if (plan.type === "forward" && table.clusters[plan.cluster]?.name === this.#cluster)
        return "";
      return `${label}: not for cluster ${this.#cluster} alone, where this connection is`;
    }
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
