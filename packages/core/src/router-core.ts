/**
 * The inside of a router: what sessions and links need of it, and what
 * outlives them.
 */
import { Arena } from "./bytes/arena.ts";
import { forgetViewed } from "./bytes/join.ts";
import { Spares } from "./bytes/spares.ts";
import type { Codec, Limits, RouterContext, RunningCodec } from "./codec.ts";
import type { Core } from "./core.ts";
import { entryOf, type LocalStats } from "./counts.ts";
import { type Effect, Effects } from "./effects.ts";
import { ConfigError, LocalProtocolError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangePool } from "./exchange-pool.ts";
import type { Journal } from "./journal.ts";
import { limitsOf } from "./limits.ts";
import { Link } from "./link.ts";
import { manyNotices, type Notice } from "./notices.ts";
import type { Endpoint } from "./peer.ts";
import { Pending } from "./pending.ts";
import type { Ask, Later } from "./plan.ts";
import type { RouterOptions } from "./router.ts";
import { noSecurity, type Security } from "./security.ts";
import type { Session } from "./session.ts";
import type { SessionRecord, SessionRecords } from "./session-records.ts";
import { compileTable } from "./table/compile.ts";
import type { RoutingTable } from "./table/table.ts";
import { Upstream } from "./upstream.ts";

/** See the module. */
export class RouterCore implements Core, RouterContext {
  now = 0;
  held = 0;
  lastId = 0;
  table: RoutingTable;
  slowRequest: number;
  readonly counters: boolean;
  readonly local: Map<string, LocalStats> = new Map<string, LocalStats>();
  readonly limits: Limits;
  readonly security: Security;
  readonly records: SessionRecords | null;
  readonly keepsValues: boolean;
  readonly codec: Codec;
  readonly running: RunningCodec;
  readonly reusesInput: boolean;
  readonly arena: Arena = new Arena();
  readonly spares: Spares | null;
  readonly exchanges: ExchangePool = new ExchangePool();
  readonly sessions: Set<Session> = new Set<Session>();
  readonly stalling: Set<Session> = new Set<Session>();
  readonly links: Set<Link> = new Set<Link>();
  readonly upstreams: Map<string, Upstream> = new Map<string, Upstream>();
  readonly #pending: Pending = new Pending(this);
  /** Used again by each input: `#touchedCount` of them count. */
  readonly #touched: (Endpoint | null)[] = [];
  #touchedCount = 0;
  #notices: Notice[] = [];
  #records: SessionRecord[] = [];
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: RouterOptions) {
    this.codec = options.codec;
    this.limits = limitsOf(options.limits ?? {});
    this.security = options.security ?? noSecurity;
    this.reusesInput = options.reusesInput ?? false;
    // A host with a router for each client gives each of them little.
    const resting = Math.min(8 << 20, this.limits.maxMemory / 128);
    this.spares = this.reusesInput ? new Spares(resting) : null;
    this.counters = options.counters ?? false;
    this.slowRequest = options.slowRequest ?? Number.POSITIVE_INFINITY;
    this.keepsValues = options.keepsValues ?? false;
    this.records =
      options.keepsSessions === true ? { add: (each) => this.#records.push(each) } : null;
    this.table = this.#compile(options.table);
    this.running = this.codec.start(this);
  }

  advance(now: number): void {
    if (now < this.now)
      throw new LocalProtocolError("time-went-back", `${now} comes before ${this.now}`);
    this.now = now;
    if (this.arena.spent) this.arena.turn();
    if (this.spares?.given === true) this.spares.turn();
  }

  touch(endpoint: Endpoint): void {
    this.#touched[this.#touchedCount++] = endpoint;
  }

  notice(notice: Notice): void {
    if (this.#notices.length < manyNotices) this.#notices.push(notice);
  }

  countLocal(label: string, refused: boolean): void {
    if (!this.counters) return;
    const stats = entryOf(this.local, label, () => ({ answered: 0, refused: 0 }));
    stats[refused ? "refused" : "answered"] += 1;
  }

  arm(deadline: number): void {
    if (deadline < this.#deadline) this.#deadline = deadline;
  }

  upstream(table: RoutingTable, cluster: number, node: string): Upstream {
    const spec = table.clusters[cluster];
    if (spec === undefined)
      throw new LocalProtocolError("bad-codec", `the table has no cluster ${cluster}`);
    const key = node === "" ? spec.name : `${spec.name}/${node}`;
    let upstream = this.upstreams.get(key);
    if (upstream === undefined) {
      upstream = new Upstream(spec, node);
      this.upstreams.set(key, upstream);
    }
    return upstream;
  }

  sharedLink(upstream: Upstream, journal: Journal): Link | null {
    const known = upstream.shared.get(journal.key);
    if (known !== undefined) return known;
    if (this.now < upstream.retryAt) return null;
    const link = new Link(this, upstream, upstream.nextLaneName(), null, journal);
    upstream.shared.set(journal.key, link);
    return this.#added(link);
  }

  privateLink(upstream: Upstream, session: Session): Link | null {
    if (this.now < upstream.retryAt) return null;
    const key = `${upstream.name}/private ${session.id}`;
    return this.#added(new Link(this, upstream, key, session, session.journal));
  }

  forgetLink(link: Link): void {
    this.links.delete(link);
    link.upstream.links.delete(link);
    link.upstream.errorsBefore += link.codec.errors;
    if (link.upstream.shared.get(link.journal.key) === link)
      link.upstream.shared.delete(link.journal.key);
  }

  forgetSession(session: Session): void {
    this.sessions.delete(session);
    this.stalling.delete(session);
    this.#pending.forget(session);
  }

  ask(exchange: Exchange, question: Ask): void {
    this.#pending.ask(exchange, question);
  }

  answer(id: number, value: unknown): void {
    this.#pending.answer(id, value);
  }

  later(exchange: Exchange, plan: Later): void {
    this.#pending.later(exchange, plan);
  }

  watch(session: Session, now: boolean): void {
    this.#pending.watch(session, now);
  }

  /** The object stays the same: codecs and links look at it each time. */
  setLimits(given: Partial<Limits>): void {
    Object.assign(this.limits, limitsOf(given));
  }

  keep(bytes: Uint8Array): Uint8Array {
    return this.reusesInput ? bytes.slice() : bytes;
  }

  tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const link of [...this.links]) {
      link.timer.tick(this.now);
      if (link.state !== "gone") this.arm(link.timer.deadline);
    }
    for (const session of [...this.stalling]) session.handleTick(this.now);
    this.#pending.tick(this.now);
    this.#forgetNodes();
  }

  /** Nodes are learned from servers, so their number has no bound but their use. */
  #forgetNodes(): void {
    for (const [key, upstream] of this.upstreams) {
      const unused = upstream.links.size === 0 && this.now >= upstream.retryAt;
      if (unused && (upstream.node !== "" || upstream.retired)) this.upstreams.delete(key);
    }
  }

  swap(given: unknown): void {
    const table = this.#compile(given);
    if (table.version === this.table.version) return; // nothing changes, so hits of rules go on
    this.running.tableChanges?.(table);
    const names = new Map(table.clusters.map((spec) => [spec.name, spec]));
    this.table = table;
    for (const upstream of this.upstreams.values()) {
      const spec = names.get(upstream.spec.name);
      upstream.retired = spec === undefined;
      upstream.retireBy =
        spec === undefined ? this.now + this.limits.drainTimeout : Number.POSITIVE_INFINITY;
      if (spec !== undefined) upstream.spec = spec;
      else for (const link of upstream.links) link.timer.armNow();
    }
  }

  takeEffects(): Effects {
    this.#pending.wakeUp();
    const touched = this.#touched;
    const count = this.#touchedCount;
    const notices = this.#notices;
    // Nearly every input concerns one peer; an array that grows from nothing makes room for many.
    const list: Effect[] = count === 0 ? [] : [(touched[0] as Endpoint).take()];
    for (let i = 1; i < count; i++) list.push((touched[i] as Endpoint).take());
    for (let i = 0; i < count; i++) touched[i] = null;
    this.#touchedCount = 0;
    forgetViewed();
    if (notices.length > 0) this.#notices = [];
    return new Effects(
      list,
      this.#pending.takeAsks(),
      notices,
      this.#takeRecords(),
      this.#deadline,
    );
  }

  #takeRecords(): readonly SessionRecord[] {
    const records = this.#records;
    if (records.length > 0) this.#records = [];
    return records;
  }

  #added(link: Link): Link {
    this.links.add(link);
    link.upstream.links.add(link);
    return link;
  }

  #compile(given: unknown): RoutingTable {
    const compiled = isCompiled(given)
      ? given
      : compileTable(given, {
          hashTag: this.codec.hashTag,
          keyMap: this.codec.keyMap,
          countHits: this.counters,
        });
    if (compiled.protocol !== "" && compiled.protocol !== this.codec.name) {
      throw new ConfigError(
        "bad-table",
        `the table is for ${compiled.protocol}, the codec for ${this.codec.name}`,
        [{ path: ["protocol"], message: `must be ${this.codec.name}` }],
      );
    }
    return compiled;
  }
}

function isCompiled(table: unknown): table is RoutingTable {
  return (
    typeof table === "object" &&
    table !== null &&
    "route" in table &&
    typeof table.route === "function"
  );
}
