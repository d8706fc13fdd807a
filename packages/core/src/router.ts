/**
 * A router: bytes in, effects out. It holds what outlives sessions: the table,
 * shared links, upstream counters, and what the codec has learned.
 *
 * **Every input returns its effects; carry them out before the next input.**
 * No input throws because of what a peer did. Write views may be kept as long
 * as the embedder leaves its input buffers alone; with `reusesInput` they are
 * valid until the next input only.
 */
import type { Capability, Codec, Limits, RouterContext, RunningCodec } from "./codec.ts";
import type { Core } from "./core.ts";
import { entryOf, type LocalStats } from "./counts.ts";
import { type Effect, Effects, type HostAsk } from "./effects.ts";
import { ConfigError, LocalProtocolError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { type Explanation, explain } from "./explain.ts";
import type { Journal } from "./journal.ts";
import { limitsOf } from "./limits.ts";
import { Link } from "./link.ts";
import { manyNotices, type Notice } from "./notices.ts";
import type { Endpoint, Peer } from "./peer.ts";
import type { Ask, Later } from "./plan.ts";
import { noSecurity, type Security } from "./security.ts";
import { Session } from "./session.ts";
import { compileTable } from "./table/compile.ts";
import type { RoutingTable } from "./table/table.ts";
import { Upstream } from "./upstream.ts";
import {
  type ClientView,
  clientView,
  type LinkView,
  linkView,
  type UpstreamView,
  upstreamView,
} from "./views.ts";

/** What a router is made of. */
export interface RouterOptions {
  /** The protocol. */
  readonly codec: Codec;
  /** A routing table: as in a file, or compiled. */
  readonly table: unknown;
  /** Limits other than the defaults. */
  readonly limits?: Partial<Limits>;
  /** Credentials of the router and users that it checks; none unless given. */
  readonly security?: Security;
  /** What the host can do; all of it unless given. */
  readonly capabilities?: readonly Capability[];
  /** The host overwrites the memory of an input after the call. */
  readonly reusesInput?: boolean;
  /** Count requests by name (`UpstreamView.commands`, `Router.local`) and keys by rule (`RoutingTable.hits`). */
  readonly counters?: boolean;
  /** Milliseconds from which a request gives a `slow-request` notice. None does unless given. */
  readonly slowRequest?: number;
}

/** Makes a router. Throws {@link ConfigError} for a table, limit or host that cannot work. */
export function createRouter(options: RouterOptions): Router {
  return new Router(options);
}

/** See the module. */
export class Router {
  readonly #core: RouterCore;

  /** @internal */
  constructor(options: RouterOptions) {
    const { codec } = options;
    const able = options.capabilities;
    const missing = able === undefined ? [] : codec.needs.filter((need) => !able.includes(need));
    if (missing.length > 0) {
      throw new ConfigError(
        "missing-capability",
        `${codec.name} needs a host with ${missing.join(", ")}`,
      );
    }
    this.#core = new RouterCore(options);
  }

  /** The table in force for new requests. */
  get table(): RoutingTable {
    return this.#core.table;
  }

  /** Clients connected. */
  get sessions(): number {
    return this.#core.sessions.size;
  }

  /** Bytes held for later. */
  get heldBytes(): number {
    return this.#core.held;
  }

  /** All upstreams used so far. */
  get upstreams(): UpstreamView[] {
    return [...this.#core.upstreams.values()].map(upstreamView);
  }

  /** All links there are now. */
  get links(): LinkView[] {
    return [...this.#core.links].map(linkView);
  }

  /** All clients there are now. */
  get clients(): ClientView[] {
    return [...this.#core.sessions].map(clientView);
  }

  /** Requests by name that the router has answered without an upstream; live, empty unless it counts. */
  get local(): ReadonlyMap<string, Readonly<LocalStats>> {
    return this.#core.local;
  }

  /** Milliseconds from which a request is slow; Infinity = none is. May be set at any time. */
  get slowRequest(): number {
    return this.#core.slowRequest;
  }

  set slowRequest(milliseconds: number) {
    this.#core.slowRequest = milliseconds;
  }

  /** A client connected. Its bytes come in through {@link Router.bytes}. */
  open(now: number): Peer {
    this.#core.advance(now);
    const session = new Session(this.#core, ++this.#core.lastId);
    this.#core.sessions.add(session);
    return session;
  }

  /** A peer sent `chunk` (not empty). */
  bytes(peer: Peer, chunk: Uint8Array, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    if (chunk.length > 0) endpoint.handleBytes(this.#core.reusesInput ? plain(chunk) : chunk);
    return this.#core.takeEffects();
  }

  /** A link that an effect asked to open stands. */
  opened(link: Peer, now: number): Effects {
    this.#core.advance(now);
    if (link instanceof Link) link.handleOpened();
    else throw new LocalProtocolError("unknown-peer", "only a link is opened");
    return this.#core.takeEffects();
  }

  /** The host buffers `waiting` bytes for a peer and wants no more; call again with less to report progress. */
  full(peer: Peer, waiting: number, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    if (endpoint instanceof Link) endpoint.full = true;
    else if (!endpoint.gone) {
      endpoint.handleFull(waiting);
      this.#core.stalling.add(endpoint);
    }
    return this.#core.takeEffects();
  }

  /** What was buffered for a peer is sent. */
  drained(peer: Peer, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    endpoint.handleDrained();
    if (endpoint instanceof Session) this.#core.stalling.delete(endpoint);
    return this.#core.takeEffects();
  }

  /** A peer sends no more, but may still read. */
  halfClosed(peer: Peer, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    if (endpoint instanceof Link) endpoint.handleEnded();
    else endpoint.handleHalfClosed();
    return this.#core.takeEffects();
  }

  /** A peer's connection is gone, or a link could not be opened. Harmless when the router closed it itself. */
  lost(peer: Peer, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    if (endpoint instanceof Link) endpoint.handleLost();
    else endpoint.destroy(null);
    return this.#core.takeEffects();
  }

  /** The host's answer to a question. */
  answer(ask: HostAsk, value: unknown, now: number): Effects {
    this.#core.advance(now);
    this.#core.answer(ask.id, value);
    return this.#core.takeEffects();
  }

  /** Time has passed; call it at `deadline`, or whenever. */
  tick(now: number): Effects {
    this.#core.advance(now);
    this.#core.tick();
    return this.#core.takeEffects();
  }

  /** Puts another table in force. What is in flight finishes as it was planned. Throws {@link ConfigError} and changes nothing when it is wrong. */
  swap(table: unknown, now: number): Effects {
    this.#core.advance(now);
    this.#core.swap(table);
    return this.#core.takeEffects();
  }

  /** What `security` says has changed. Sessions of users that are gone are ended. */
  securityChanged(now: number): Effects {
    this.#core.advance(now);
    for (const upstream of this.#core.upstreams.values()) upstream.retryAt = 0;
    for (const link of [...this.#core.links]) link.handleSecurity();
    this.#core.running.securityChanged?.();
    return this.#core.takeEffects();
  }

  /** Plans requests without sending anything: what would go where, and by which rule. */
  explain(bytes: Uint8Array): Explanation[] {
    return explain(this.#core, bytes);
  }

  /** A client or link of this router by its key. */
  peer(key: string): Peer | undefined {
    const { sessions, links } = this.#core;
    for (const peer of [...links, ...sessions]) if (peer.key === key) return peer;
    return undefined;
  }

  #endpoint(peer: Peer): Session | Link {
    if (peer instanceof Session || peer instanceof Link) return peer;
    throw new LocalProtocolError("unknown-peer", `${peer.key} is not a peer of this router`);
  }
}

interface Asked {
  readonly exchange: Exchange;
  readonly question: Ask;
  readonly by: number;
}

class RouterCore implements Core, RouterContext {
  now = 0;
  held = 0;
  lastId = 0;
  table: RoutingTable;
  slowRequest: number;
  readonly counters: boolean;
  readonly local: Map<string, LocalStats> = new Map<string, LocalStats>();
  readonly limits: Limits;
  readonly security: Security;
  readonly codec: Codec;
  readonly running: RunningCodec;
  readonly reusesInput: boolean;
  readonly sessions: Set<Session> = new Set<Session>();
  readonly stalling: Set<Session> = new Set<Session>();
  readonly links: Set<Link> = new Set<Link>();
  readonly upstreams: Map<string, Upstream> = new Map<string, Upstream>();
  readonly #asks = new Map<number, Asked>();
  readonly #laters = new Map<Exchange, Later>();
  readonly #sleepers: Set<Session> = new Set<Session>();
  readonly #woken: Set<Session> = new Set<Session>();
  #touched: Endpoint[] = [];
  #newAsks: HostAsk[] = [];
  #notices: Notice[] = [];
  #lastAsk = 0;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: RouterOptions) {
    this.codec = options.codec;
    this.limits = limitsOf(options.limits ?? {});
    this.security = options.security ?? noSecurity;
    this.reusesInput = options.reusesInput ?? false;
    this.counters = options.counters ?? false;
    this.slowRequest = options.slowRequest ?? Number.POSITIVE_INFINITY;
    this.table = this.#compile(options.table);
    this.running = this.codec.start(this);
  }

  advance(now: number): void {
    if (now < this.now)
      throw new LocalProtocolError("time-went-back", `${now} comes before ${this.now}`);
    this.now = now;
  }

  touch(endpoint: Endpoint): void {
    this.#touched.push(endpoint);
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
    this.#sleepers.delete(session);
  }

  ask(exchange: Exchange, question: Ask): void {
    const { session } = exchange;
    if (session === null) return;
    const id = ++this.#lastAsk;
    const by = this.now + this.limits.requestTimeout;
    this.#asks.set(id, { exchange, question, by });
    this.arm(by);
    this.#newAsks.push({ id, peer: session, topic: question.topic, value: question.value });
  }

  answer(id: number, value: unknown): void {
    const asked = this.#asks.get(id);
    if (asked === undefined) return; // too late: it has been given up
    this.#asks.delete(id);
    // The codec hears it even when the client has gone: it may be about more than that client.
    asked.exchange.session?.handleNext(asked.exchange, asked.question.answered(value));
  }

  later(exchange: Exchange, plan: Later): void {
    this.#laters.set(exchange, plan);
    this.arm(plan.at);
  }

  watch(session: Session, now: boolean): void {
    if (now) this.#woken.add(session);
    else {
      this.#sleepers.add(session);
      this.arm(session.codec.wakeAt);
    }
  }

  keep(bytes: Uint8Array): Uint8Array {
    return this.reusesInput ? bytes.slice() : bytes;
  }

  tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const link of [...this.links]) {
      link.handleTick(this.now);
      if (link.state !== "gone") this.arm(link.deadline);
    }
    for (const session of [...this.stalling]) session.handleTick(this.now);
    for (const [id, { by }] of [...this.#asks]) {
      if (by <= this.now) this.answer(id, undefined);
      else this.arm(by);
    }
    for (const [exchange, { at, resume }] of [...this.#laters]) {
      if (exchange.dead) this.#laters.delete(exchange);
      else if (at > this.now) this.arm(at);
      else {
        this.#laters.delete(exchange);
        exchange.session?.handleNext(exchange, resume());
      }
    }
    for (const session of [...this.#sleepers]) {
      const { wakeAt } = session.codec;
      if (wakeAt > this.now) this.arm(wakeAt);
      else session.handleWake();
      if (session.codec.wakeAt === Number.POSITIVE_INFINITY) this.#sleepers.delete(session);
    }
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
    const names = new Map(table.clusters.map((spec) => [spec.name, spec]));
    this.table = table;
    for (const upstream of this.upstreams.values()) {
      const spec = names.get(upstream.spec.name);
      upstream.retired = spec === undefined;
      upstream.retireBy =
        spec === undefined ? this.now + this.limits.drainTimeout : Number.POSITIVE_INFINITY;
      if (spec !== undefined) upstream.spec = spec;
      else for (const link of upstream.links) this.#lookAt(link);
    }
  }

  takeEffects(): Effects {
    for (const session of this.#woken) {
      this.#woken.delete(session);
      session.handleWake();
    }
    const touched = this.#touched;
    const asks = this.#newAsks;
    const notices = this.#notices;
    const list: Effect[] = [];
    for (const endpoint of touched) list.push(endpoint.take());
    this.#touched = [];
    if (asks.length > 0) this.#newAsks = [];
    if (notices.length > 0) this.#notices = [];
    return new Effects(list, asks, notices, this.#deadline);
  }

  #lookAt(link: Link): void {
    link.deadline = Math.min(link.deadline, this.now);
    this.arm(this.now);
  }

  #added(link: Link): Link {
    this.links.add(link);
    link.upstream.links.add(link);
    return link;
  }

  #compile(given: unknown): RoutingTable {
    const compiled = isCompiled(given)
      ? given
      : compileTable(given, { hashTag: this.codec.hashTag, countHits: this.counters });
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

/** A subclass may have a `slice` that gives a view; what is kept beyond the call must be a copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function isCompiled(table: unknown): table is RoutingTable {
  return (
    typeof table === "object" &&
    table !== null &&
    "route" in table &&
    typeof table.route === "function"
  );
}
