/**
 * A router: bytes in, effects out. It holds what outlives sessions: the table,
 * shared links, upstream counters, and what the codec has learned.
 *
 * **Every input returns its effects; carry them out before the next input.**
 * No input throws because of what a peer did. Write views may be kept as long
 * as the embedder leaves its input buffers alone; with `reusesInput` they are
 * valid until the next input only.
 */
import type { Capability, Codec, Limits, OwnRulesView } from "./codec.ts";
import type { LocalStats } from "./counts.ts";
import type { Effects, HostAsk } from "./effects.ts";
import { ConfigError, LocalProtocolError } from "./errors.ts";
import { type Explanation, explain } from "./explain.ts";
import { Link } from "./link.ts";
import { Endpoint, type Peer } from "./peer.ts";
import { RouterCore } from "./router-core.ts";
import type { Security } from "./security.ts";
import { Session } from "./session.ts";
import type { RoutingTable } from "./table/table.ts";
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
  /** The host keeps `Effects.records` and answers the question "session"; not so unless given. */
  readonly keepsSessions?: boolean;
  /** The host answers the question "value" (`ValueQuestion`); not so unless given. */
  readonly keepsValues?: boolean;
  /** What the host can do; all of it unless given. */
  readonly capabilities?: readonly Capability[];
  /** The host overwrites the memory of an input after the call. */
  readonly reusesInput?: boolean;
  /** Count requests by name (`UpstreamView.commands`, `Router.local`) and keys by rule (`RoutingTable.hits`). */
  readonly counters?: boolean;
  /** Milliseconds from which a request gives a `slow-request` notice. None does unless given. */
  readonly slowRequest?: number;
}

/** Inputs about a peer, as sockets of most runtimes name them; see {@link Router.input}. */
export type PeerEvent =
  /** As {@link Router.opened}. */
  | "connect"
  /** As {@link Router.bytes}. */
  | "data"
  /** As {@link Router.full}. */
  | "full"
  /** As {@link Router.drained}. */
  | "drain"
  /** As {@link Router.halfClosed}. */
  | "end"
  /** As {@link Router.lost}. */
  | "close";

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

  /** See `Codec.liveOptions`. */
  get liveOptions(): readonly string[] {
    return this.#core.codec.liveOptions ?? [];
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

  /** See `RunningCodec.ownRules`. */
  get ownRules(): readonly OwnRulesView[] {
    return this.#core.running.ownRules ?? [];
  }

  /** See `RunningCodec.dropped`. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#core.running.dropped ?? nothingDropped;
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

  /**
   * What happened to a peer, whatever it is: the other inputs by one name, for hosts whose sockets
   * tell events alike. `value` = the chunk of "data", the bytes that wait with "full".
   */
  input(peer: Peer, event: PeerEvent, now: number, value?: Uint8Array | number): Effects {
    switch (event) {
      case "connect":
        return this.opened(peer, now);
      case "data":
        return this.bytes(peer, value as Uint8Array, now);
      case "full":
        return this.full(peer, value as number, now);
      case "drain":
        return this.drained(peer, now);
      case "end":
        return this.halfClosed(peer, now);
      case "close":
        return this.lost(peer, now);
    }
  }

  /** A peer sent `chunk` (not empty). */
  bytes(peer: Peer, chunk: Uint8Array, now: number): Effects {
    this.#core.advance(now);
    const endpoint = this.#endpoint(peer);
    if (chunk.length > 0) endpoint.handleBytes(plain(chunk));
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

  /**
   * Puts other limits in force, the defaults where `limits` says nothing. A time that runs already
   * keeps its end. Throws {@link ConfigError} and changes nothing when one is wrong.
   */
  setLimits(limits: Partial<Limits>): void {
    this.#core.setLimits(limits);
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
    if (peer instanceof Endpoint) return peer as Session | Link; // one look, however many kinds there are
    throw new LocalProtocolError("unknown-peer", `${peer.key} is not a peer of this router`);
  }
}

/** A subclass may have a `slice` that gives a view; what is kept beyond the call, or written to, must be a copy. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

const nothingDropped: ReadonlyMap<string, number> = new Map<string, number>();
