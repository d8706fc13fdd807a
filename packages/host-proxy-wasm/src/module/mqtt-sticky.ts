/**
 * The sticky route for MQTT: a client speaks to one broker.
 *
 * ```
 *   CONNECT chooses: topic of its will, else of what stands behind it, else client id, user, else localCluster
 *   PUBLISH for another broker     5.0, QoS 1 and 2: PINGREQ, its PINGRESP becomes PUBACK or PUBREC 0x83
 *                                  else: closed. 3.1.1 has no negative answer [MQTT-3.3.5-2]
 *   SUBSCRIBE that concerns others PINGREQ, its PINGRESP becomes a SUBACK that fails every filter
 * ```
 * Brokers answer pings in their order, so the client's own are counted beside ours.
 */
import { type MqttConnect, MqttFields, readConnect } from "./mqtt-fields.ts";
import { MqttPings } from "./mqtt-pings.ts";
import { downstream, operations, type Records } from "./records.ts";
import { Remainder } from "./remainder.ts";
import { ruled } from "./source-rules.ts";
import { bindTo, type Sticky } from "./sticky.ts";
import { leave, passOn, replaced, type Stream, taken, type Verdict } from "./stream.ts";

/** See the module. */
export class MqttSticky implements Stream {
  readonly deadline: number = Number.POSITIVE_INFINITY;
  readonly closing = false;
  readonly #records: Records;
  readonly #sticky: Sticky;
  readonly #fields = new MqttFields();
  readonly #pings: MqttPings;
  /** Name of the cluster, "" = not chosen yet. */
  #cluster = "";
  #version = 0;
  /** Topics of aliases that the client has set, 5.0; empty = with a PUBLISH that did not go on, so that the broker does not know it. */
  readonly #aliases = new Map<number, Uint8Array>();
  #aliasBytes = 0;
  /** Bytes of a packet whose head is not whole, and how many it takes to read on. */
  readonly #rest: Remainder = new Remainder();
  #need = 0;
  /** Bytes of the current packet that are still to come, and whether they go on. */
  #left = 0;
  #drops = false;
  #over = false;
  /** The event has more pieces than one. */
  #pieces = false;
  /** The event has put something in place of what it took. */
  #moved = false;

  constructor(records: Records, sticky: Sticky) {
    this.#records = records;
    this.#sticky = sticky;
    this.#pings = new MqttPings(records);
  }

  get held(): number {
    return this.#rest.held + this.#aliasBytes + this.#pings.held;
  }

  downstream(chunk: Uint8Array, last: boolean, end: boolean, _now: number): Verdict {
    if (this.#over) return taken;
    const held = this.#rest.length;
    const bytes = this.#rest.with(chunk);
    let plain = true;
    /** What is looked at and goes on, but was not written yet. */
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const to = Math.min(bytes.length, at + this.#left);
        this.#left -= to - at;
        at = to;
        if (this.#drops) from = at;
        continue;
      }
      if (bytes.length - at < this.#need) break;
      if (this.#cluster === "" && bytes[at] !== connectHead)
        return this.#close("CONNECT must be the first packet");
      const need = this.#fields.read(bytes, at, this.#version);
      if (need > this.#sticky.maxRequest) return this.#close("a packet is larger than may be held");
      if (need < 0) return this.#close("what the client sends is not MQTT 3.1.1 or 5.0");
      this.#need = need > bytes.length - at ? need : 0;
      if (this.#need > 0) break;
      const answer = this.#look(bytes, at);
      if (answer === null) return taken;
      const to = Math.min(bytes.length, this.#fields.end);
      this.#left = this.#fields.end - to;
      this.#drops = answer.length > 0;
      if (this.#drops) {
        this.#forward(bytes.subarray(from, at));
        this.#forward(pingreq);
        if (!this.#pings.add(answer)) return this.#close("too many requests without an answer");
        plain = false;
        from = to;
      }
      at = to;
    }
    this.#rest.keep(bytes, at);
    if (end && last && this.#cluster === "") this.#bind(this.#local());
    const whole = plain && held === 0 && at === bytes.length && from === 0;
    if (whole && last && !this.#pieces) return this.#cluster === "" ? leave : passOn;
    this.#forward(bytes.subarray(from, at));
    const moved = this.#moved || end;
    this.#pieces = !last;
    if (last) this.#moved = false;
    return moved && this.#cluster !== "" ? replaced : taken;
  }

  carried(): number {
    return 0;
  }

  adopt(): void {}

  late(): void {}

  upstream(bytes: Uint8Array, last: boolean, end: boolean, _now: number): Verdict {
    return this.#pings.upstream(bytes, last, end) ? passOn : replaced;
  }

  fetched(): void {}

  upstreamClosed(): void {}

  tick(): void {}

  swap(): void {}

  closed(): void {
    this.#over = true;
    this.#aliases.clear();
  }

  // ---- private ------------------------------------------------------------

  #forward(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#moved = true;
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

  #bind(cluster: string): void {
    this.#cluster = cluster;
    bindTo(this.#records, cluster);
  }

  /** What answers the packet that was read in the broker's stead: nothing = the packet goes on. Null = the client was closed. */
  #look(bytes: Uint8Array, at: number): Uint8Array | null {
    const { type } = this.#fields;
    if (type === types.connect && this.#cluster !== "") {
      this.#close("CONNECT must be the only packet of its kind");
      return null;
    }
    switch (type) {
      case types.connect:
        return this.#connect(bytes, at);
      case types.publish:
        return this.#publish(bytes);
      case types.subscribe:
        return this.#subscribe(bytes);
      case types.pingreq:
        if (this.#pings.add(null)) return none;
        this.#close("too many pings without an answer");
        return null;
      default:
        return none;
    }
  }

  #connect(bytes: Uint8Array, at: number): Uint8Array | null {
    const connect = readConnect(bytes, at, this.#fields.end);
    if (connect === null) {
      this.#close("what the client sends is not MQTT 3.1.1 or 5.0");
      return null;
    }
    this.#version = connect.version;
    const { will } = connect;
    if (will !== null && this.#sticky.table.route(will, 0, will.length) < 0) {
      this.#close("CONNECT: no cluster owns the topic of the will");
      return null;
    }
    this.#bind(this.#choose(bytes, connect));
    return none;
  }

  /** Where the will, or else the first topic or filter behind CONNECT, is at home; else what the source rules say. */
  #choose(bytes: Uint8Array, { version, will, clientId, user }: MqttConnect): string {
    const { table, sources } = this.#sticky;
    const nameOf = (index: number | undefined): string => table.clusters[index ?? -1]?.name ?? "";
    let cluster = will === null ? "" : nameOf(table.route(will, 0, will.length));
    const ahead = new MqttFields();
    for (let at = this.#fields.end; cluster === "" && at < bytes.length; at = ahead.end) {
      const need = ahead.read(bytes, at, version);
      if (need < 0 || need > bytes.length - at) break;
      if (ahead.type === types.publish && ahead.topicTo > ahead.topicFrom)
        cluster = nameOf(table.route(bytes, ahead.topicFrom, ahead.topicTo));
      else if (ahead.type === types.subscribe) {
        const [filter = ""] = ahead.filters(bytes, version) ?? [];
        const owners = filter === "" ? [] : this.#clustersOf(filter);
        if (owners.length === 1) cluster = nameOf(owners[0]);
      }
    }
    const source = ruled(sources.clients, clientId) || ruled(sources.users, user);
    if (cluster === "" && table.clusters.some(({ name }) => name === source)) cluster = source;
    return cluster === "" ? this.#local() : cluster;
  }

  #publish(bytes: Uint8Array): Uint8Array | null {
    const { table } = this.#sticky;
    const { topicFrom, topicTo, alias, qos, id } = this.#fields;
    const known = this.#aliases.get(alias);
    const named = topicTo > topicFrom;
    // A topic that is empty, or an alias that was never given: the broker knows what to say.
    if (!named && known === undefined) return none;
    const topic = named || known === undefined ? bytes.subarray(topicFrom, topicTo) : known;
    const owner = table.clusters[table.route(topic, 0, topic.length)]?.name;
    const passes = owner === this.#cluster && topic.length > 0;
    if (alias > 0 && named) {
      const kept = passes ? topic.slice() : none;
      this.#aliasBytes += kept.length - (known?.length ?? 0);
      this.#aliases.set(alias, kept);
      if (this.#aliases.size > mostAliases || this.#aliasBytes > mostAliasBytes) {
        this.#close("more aliases of topics than are held");
        return null;
      }
    }
    if (passes) return none;
    if (this.#version !== 5 || qos === 0) {
      const where =
        topic.length === 0 ? "not here" : owner ? `on cluster ${owner}` : "no cluster's";
      this.#close(`PUBLISH: the topic is ${where}, this connection on ${this.#cluster}`);
      return null;
    }
    return Uint8Array.of(qos === 1 ? puback : pubrec, 3, id >> 8, id & 255, specificError);
  }

  #subscribe(bytes: Uint8Array): Uint8Array | null {
    const { table } = this.#sticky;
    const filters = this.#fields.filters(bytes, this.#version);
    if (filters === null) {
      this.#close("a SUBSCRIBE that cannot be read");
      return null;
    }
    const mine = (filter: string): boolean => {
      const names = this.#clustersOf(filter).map((index) => table.clusters[index]?.name);
      return names.length > 0 && names.every((name) => name === this.#cluster);
    };
    if (filters.every(mine)) return none;
    const { id } = this.#fields;
    const properties = this.#version === 5 ? [0] : [];
    const codes = filters.map(() => (this.#version === 5 ? specificError : failure));
    const body = [id >> 8, id & 255, ...properties, ...codes];
    return Uint8Array.from([suback, ...lengthOf(body.length), ...body]);
  }

  /** A map that cannot tell has all clusters concerned. */
  #clustersOf(filter: string): readonly number[] {
    const { table } = this.#sticky;
    return table.keyMap?.clusters?.(filter) ?? table.clusters.map((_, index) => index);
  }
}

function lengthOf(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, ...lengthOf(length >> 7)];
}

const types = { connect: 1, publish: 3, subscribe: 8, pingreq: 12 } as const;
/** First byte of CONNECT. */
const connectHead = 0x10;
const pingreq = Uint8Array.of(0xc0, 0);
const puback = 0x40;
const pubrec = 0x50;
const suback = 0x90;
/** "Implementation specific error" of 5.0. */
const specificError = 0x83;
/** SUBACK of 3.1.1. */
const failure = 0x80;
const mostAliases = 1024;
const mostAliasBytes = 256 << 10;
const none = new Uint8Array(0);
