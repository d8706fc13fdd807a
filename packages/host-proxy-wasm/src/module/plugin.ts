/**
 * The plug-in: what the shim calls, for all filters of one virtual machine.
 *
 * ```
 *   root context (one for each configuration) ─▶ settings by name
 *   stream context (one for each connection)  ─▶ FrameStream or StickyStream
 * ```
 * An exception concerns the connection that it came from: that one is closed.
 */
import { type Codec, ConfigError, createRouter, decodeUtf8, type Router } from "@echarde/core";
import { capabilities, FrameStream, lanesOf } from "./frame-stream.ts";
import { Lanes } from "./lanes.ts";
import { Metrics } from "./metrics.ts";
import { MqttSticky } from "./mqtt-sticky.ts";
import { downstream, operations, Records } from "./records.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Sticky, sample } from "./sticky.ts";
import { stickyProfile } from "./sticky-profile.ts";
import { StickyStream } from "./sticky-stream.ts";
import type { Stream, Verdict } from "./stream.ts";

/** What the bundle gives to the shim. */
export type Contract = readonly [
  dispatch: (event: number, context: number, a: number, b: number) => number,
  input: ArrayBuffer,
  output: ArrayBuffer,
  lanes: ArrayBuffer,
];

/** Makes the contract for these protocols. */
export function plugin(codecs: readonly Codec[]): Contract {
  const input = new ArrayBuffer(inputAt + inputSize);
  const output = new ArrayBuffer(outputSize);
  for (const codec of codecs) warmUp(codec);
  const host = new Plugin(codecs, input, output);
  const dispatch: Contract[0] = (event, context, a, b) => host.dispatch(event, context, a, b);
  return [dispatch, input, output, host.lanes.buffer];
}

/** Has a codec make what it makes once: the snapshot then holds it. */
function warmUp(codec: Codec): void {
  const table = { clusters: { one: { endpoints: ["127.0.0.1:1"] } }, defaultCluster: "one" };
  try {
    const router = createRouter({ codec, table });
    router.lost(router.open(0), 0);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error; // a protocol with options that have no default
  }
}

/** Those of the names whose requests are forwarded to the owner of their one key as they are, or refused in the server's words. */
function forwarded(router: Router | null, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const plans = [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].flatMap(
      (args) => router?.explain(sample(name, args)) ?? [],
    );
    const carried = plans.filter(({ plan, packets, keys }) => {
      const shared = packets.length === 1 && packets[0]?.lane === "shared";
      return plan === "forward" && shared && keys.length === 1;
    });
    return (
      carried.length > 0 && plans.every((each) => carried.includes(each) || each.plan === "refuse")
    );
  });
}

/** One filter: what its configuration says, and its connections. */
interface Root {
  settings: Settings;
  metrics: Metrics;
  sticky: Sticky | null;
}

interface Connection {
  readonly root: Root;
  readonly stream: Stream;
}

class Plugin {
  readonly #codecs: readonly Codec[];
  readonly #time: Float64Array;
  readonly #input: Uint8Array;
  readonly #records: Records;
  readonly lanes: Lanes = new Lanes();
  readonly #roots = new Map<number, Root>();
  readonly #parents = new Map<number, number>();
  readonly #connections = new Map<number, Connection>();
  #names: readonly string[] | null = null;
  #nextSlot = 0;
  readonly #metrics = new Map<string, Metrics>();
  #ticking = false;
  #error = "";

  constructor(codecs: readonly Codec[], input: ArrayBuffer, output: ArrayBuffer) {
    this.#codecs = codecs;
    this.#time = new Float64Array(input, 0, 1);
    this.#input = new Uint8Array(input, inputAt);
    this.#records = new Records(output);
  }

  dispatch(event: number, context: number, a: number, b: number): number {
    if (event === events.key) {
      const connection = this.#connections.get(context);
      return connection?.stream.carried(this.#input, a, b) ?? 0;
    }
    if (event === events.more) {
      this.#records.refill();
      return this.#batch(0, 0);
    }
    this.#records.refill();
    let action = 0;
    let drained = 0;
    try {
      const verdict = this.#event(event, context, a, b);
      if (typeof verdict === "number") action = verdict;
      else {
        action = verdict.pass ? 0 : 1;
        drained = verdict.taken ? takenFlag : 0;
      }
    } catch (error) {
      this.#error = error instanceof Error ? error.message : String(error);
      return -1;
    }
    return this.#batch(action, drained);
  }

  #batch(action: number, drained: number): number {
    const { count, more } = this.#records.take();
    return action | (more ? moreFlag : 0) | drained | (count << 10);
  }

  #event(event: number, context: number, a: number, b: number): number | Verdict {
    const now = this.#time[0] as number;
    switch (event) {
      case events.configure:
        return this.#configure(context, this.#input.subarray(0, a), now);
      case events.created:
        if (a !== 0) this.#parents.set(context, a);
        return 0;
      case events.connection:
        return this.#open(context, now);
      case events.downstream: {
        const connection = this.#connections.get(context);
        if (connection === undefined) return 0;
        const bytes = this.#input.subarray(0, a);
        const { stream } = connection;
        const verdict = stream.downstream(bytes, (b & 2) !== 0, (b & 1) !== 0, now, (b & 4) !== 0);
        this.#limit(connection, context, now);
        return verdict;
      }
      case events.upstream: {
        const connection = this.#connections.get(context);
        if (connection === undefined) return 0;
        const bytes = this.#input.subarray(0, a);
        return connection.stream.upstream(bytes, (b & 2) !== 0, (b & 1) !== 0, now);
      }
      case events.fetched: {
        const connection = this.#connections.get(context);
        connection?.stream.fetched(this.#input.subarray(0, a), (b & 2) !== 0, now);
        return { pass: false, taken: true };
      }
      case events.adopt:
      case events.adoptAlone: {
        const connection = this.#connections.get(context);
        const [requests, frames] = [this.#input.subarray(0, a), this.#input.subarray(a, a + b)];
        connection?.stream.adopt(requests, frames, event === events.adoptAlone, now);
        return 0;
      }
      case events.held:
        this.#connections.get(context)?.stream.late(this.#input.subarray(0, a), now);
        return 0;
      case events.upstreamClosed:
        this.#connections.get(context)?.stream.upstreamClosed(now);
        return 0;
      case events.downstreamClosed:
        this.#close(context, now);
        return 0;
      case events.deleted:
        this.#close(context, now);
        this.#parents.delete(context);
        this.#roots.delete(context);
        return 0;
      case events.tick:
        this.#tick(now);
        return 0;
      case events.failed:
        return this.#failed(context, a, now);
      case events.status:
        this.#records.log(3, `echarde: host call ${a} gave status ${b}`);
        return 0;
      default:
        return 0;
    }
  }

  #configure(context: number, bytes: Uint8Array, now: number): number {
    const settings = readSettings(decodeUtf8(bytes), this.#codecs);
    const { name, route, table, codec, limits } = settings;
    // Options that are wrong for the protocol are refused now, not at the first connection.
    const router = route === "frame" ? createRouter({ codec, table, limits, capabilities }) : null;
    let metrics = this.#metrics.get(name);
    if (metrics === undefined) {
      metrics = new Metrics(this.#records, this.#nextSlot, name);
      this.#nextSlot += metrics.size;
      this.#metrics.set(name, metrics);
    }
    const sticky = router === null ? new Sticky(settings) : null;
    const root = { settings, metrics, sticky };
    this.#roots.set(context, root);
    // Connections of an older configuration of the name take the table over as well.
    for (const [other, before] of this.#roots) {
      if (other === context || before.settings.name !== name) continue;
      const same = before.settings.route === route && before.settings.codec === settings.codec;
      if (same) before.sticky?.swap(table);
    }
    if (route === "frame") this.lanes.configure(lanesOf(settings), table);
    for (const [id, { root: before, stream }] of this.#connections) {
      const same = before.settings.name === name && before.settings.route === route;
      if (!same || before.settings.codec !== settings.codec) continue;
      this.#records.number(operations.context, id);
      stream.swap(table, now);
    }
    this.#name(sticky?.oneKey ?? forwarded(router, stickyProfile(codec.name).oneKey));
    if (!this.#ticking) this.#records.number(operations.tickPeriod, tickPeriod);
    metrics.add("configurations", 1);
    this.#records.log(2, `echarde: ${name} routes by table ${table.version} (${route})`);
    return 1;
  }

  /** What the shim may read by itself: what all configurations agree on. None = it has another protocol. */
  #name(names: readonly string[]): void {
    if (names.length === 0) return;
    const known = this.#names;
    this.#names = known === null ? names : known.filter((name) => names.includes(name));
    this.#records.names(this.#names);
  }

  #open(context: number, now: number): number {
    const root = this.#roots.get(this.#parents.get(context) ?? -1);
    if (root === undefined) return 0;
    const { settings, sticky } = root;
    const stream =
      sticky === null
        ? new FrameStream(context, this.#records, this.lanes, settings, now)
        : settings.codec.name === "mqtt"
          ? new MqttSticky(this.#records, sticky)
          : new StickyStream(context, this.#records, sticky, now);
    this.#connections.set(context, { root, stream });
    root.metrics.add("connections", 1);
    root.metrics.add("connections_active", 1);
    return sticky === null ? 0 : 1;
  }

  #close(context: number, now: number): void {
    const connection = this.#connections.get(context);
    if (connection === undefined) return;
    this.#connections.delete(context);
    connection.root.metrics.add("connections_active", -1);
    connection.stream.closed(now);
  }

  #tick(now: number): void {
    let closed = 0;
    for (const [id, { stream }] of this.#connections) {
      if (stream.deadline > now || this.lanes.carries(id)) continue;
      if (stream.closing && ++closed > mostClosed) continue;
      this.#records.number(operations.context, id);
      stream.tick(now);
    }
  }

  /** Whoever makes the worker overflow goes; what others hold is theirs. */
  #limit({ root, stream }: Connection, context: number, now: number): void {
    if (stream.held < smallHeld) return;
    const { name, maxMemory } = root.settings;
    let held = 0;
    for (const { root: other, stream: each } of this.#connections.values()) {
      if (other.settings.name === name) held += each.held;
    }
    if (held <= maxMemory) return;
    this.#close(context, now);
    root.metrics.add("overloads", 1);
    this.#records.number(operations.close, downstream);
  }

  /** The event threw, or took too long. */
  #failed(context: number, event: number, now: number): number {
    this.#records.clear();
    const why = this.#error === "" ? "an event took too long or too much memory" : this.#error;
    this.#error = "";
    if (event === events.configure) {
      this.#records.log(4, `echarde: configuration refused: ${why}`);
      return 0;
    }
    const connection = this.#connections.get(context);
    this.#records.log(3, `echarde: connection closed: ${why}`);
    connection?.root.metrics.add("failures", 1);
    try {
      this.#close(context, now);
    } catch {
      this.#connections.delete(context); // it is gone, whatever it says
    }
    return 0;
  }
}

/** Events, as the shim numbers them. */
const events = {
  configure: 1,
  created: 2,
  connection: 3,
  downstream: 4,
  upstream: 5,
  downstreamClosed: 6,
  upstreamClosed: 7,
  tick: 8,
  deleted: 9,
  more: 10,
  failed: 11,
  status: 12,
  fetched: 13,
  key: 14,
  adopt: 15,
  adoptAlone: 16,
  held: 17,
} as const;

const inputAt = 64;
const inputSize = 256 << 10;
const outputSize = 512 << 10;
const moreFlag = 256;
const takenFlag = 512;
/** Milliseconds: deadlines are seconds, so a tenth is exact enough. */
const tickPeriod = 100;
/** Connections that one tick closes: Envoy tells of each inside the closing of the one before, on one stack. */
const mostClosed = 32;
/** Bytes below which a connection is not looked at. */
const smallHeld = 64 << 10;
