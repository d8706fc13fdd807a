/** What sessions and links need of their router; internal. */
import type { Arena } from "./bytes/arena.ts";
import { view } from "./bytes/join.ts";
import type { Spares } from "./bytes/spares.ts";
import type { Codec, Limits, RunningCodec } from "./codec.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangePool } from "./exchange-pool.ts";
import type { Journal } from "./journal.ts";
import type { Link } from "./link.ts";
import type { Notice } from "./notices.ts";
import type { Dirty } from "./peer.ts";
import type { Ask, Later } from "./plan.ts";
import type { Security } from "./security.ts";
import type { Session } from "./session.ts";
import type { RoutingTable } from "./table/table.ts";
import type { Upstream } from "./upstream.ts";

/** See the module. */
export interface Core extends Dirty {
  /** Time of the current input. */
  readonly now: number;
  readonly limits: Limits;
  readonly codec: Codec;
  readonly running: RunningCodec;
  /** Input memory is overwritten after the call: copy what outlives it. */
  readonly reusesInput: boolean;
  readonly table: RoutingTable;
  readonly security: Security;
  /** Copies of replies that wait for their turn. */
  readonly arena: Arena;
  /** Memory of inboxes; null where views of it must last. */
  readonly spares: Spares | null;
  /** Those of plain forwards. */
  readonly exchanges: ExchangePool;
  /** Bytes held for later, over all sessions and links. */
  held: number;
  /** Whether names of requests are counted. */
  readonly counters: boolean;
  /** Milliseconds from which a request is slow; Infinity = none is. */
  readonly slowRequest: number;
  /** A request was answered without an upstream. */
  countLocal(label: string, refused: boolean): void;
  /** Tells the operator. */
  notice(notice: Notice): void;
  /** Makes sure that `tick` comes by then. */
  arm(deadline: number): void;
  /** The upstream of a cluster, and of a node in it where that is not "". */
  upstream(table: RoutingTable, cluster: number, node: string): Upstream;
  /** The link that sessions of this journal share; null while the upstream is in back-off. */
  sharedLink(upstream: Upstream, journal: Journal): Link | null;
  /** A link of the session's own; null while the upstream is in back-off. */
  privateLink(upstream: Upstream, session: Session): Link | null;
  /** A link is closed. */
  forgetLink(link: Link): void;
  /** A session is closed. */
  forgetSession(session: Session): void;
  /** Passes a question on to the host. */
  ask(exchange: Exchange, question: Ask): void;
  /** Continues an exchange at its time. */
  later(exchange: Exchange, plan: Later): void;
  /** Looks at the session's `wakeAt` (or, `now`, wakes it) before the input ends. */
  watch(session: Session, now: boolean): void;
}

/** `bytes[from, to)` as something that outlives the call. */
export function keep(
  core: Core,
  bytes: Uint8Array,
  from: number = 0,
  to: number = bytes.length,
): Uint8Array {
  return core.reusesInput ? bytes.slice(from, to) : view(bytes, from, to);
}
