/**
 * MULTI, EXEC, DISCARD, WATCH. A transaction lives on one cluster, that of its
 * first key, on the session's own link.
 *
 * ```
 *            WATCH k                    MULTI
 *   idle ──────────────▶ watching ─────────────────▶ queueing, pinned
 *    │ MULTI (answered here)                              ▲     │ EXEC, DISCARD
 *    ▼                first command with a key            │     ▼
 *   queueing, open ───────────────────────────────────────┘   idle
 *      commands without keys wait here, answered +QUEUED
 *
 *   an error while queueing ─▶ failed: EXEC answers -EXECABORT, as Redis does
 *   the link goes, or a request
 *     has no reply in time  ─▶ failed and broken, with the reason; nothing more runs
 * ```
 */
import type { Local, NextPlan, Plan, Refuse, Reply } from "@echarde/core";
import { failureText, frameOf, local, malformed, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1 } from "../wire/ascii.ts";
import { isError } from "../wire/reply-reader.ts";
import { EMPTY_ARRAY, error, OK, QUEUED } from "../wire/reply-writer.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { asNext } from "./admission.ts";
import { complete, type Deferred, standIn } from "./deferred.ts";
import { fragment, part } from "./sending.ts";

const crossSlot = "CROSSSLOT Keys in request don't hash to the same slot";
const aborted = "EXECABORT Transaction discarded because of previous errors.";
const multi = encodeRequest([latin1("MULTI")]);
const exec = encodeRequest([latin1("EXEC")]);
const discard = encodeRequest([latin1("DISCARD")]);
const unwatching = encodeRequest([latin1("UNWATCH")]);

/** Commands that are held until the cluster is known or EXEC has run, bytes. */
const maxHeld = 1 << 20;
const tooMuch = "ERR too many commands of a transaction wait for its first key, or for EXEC";

/** A message for the owner of its channel. */
interface Message extends Deferred {
  readonly owner: string;
}

interface Held {
  readonly command: Uint8Array;
  readonly message: Message | null;
}

/** State of a session's transaction; see the module. */
export class Transaction {
  /** MULTI was accepted, EXEC and DISCARD were not yet. */
  queueing = false;
  /** Cluster that WATCH or the first key chose, "" = none yet. */
  cluster = "";
  /** Keys are watched there. */
  watching = false;
  /** What EXEC will say instead of running, "" = nothing went wrong. */
  failure = "";
  /** Why nobody knows what its cluster has heard of it, "" = it is known: then nothing more is sent. */
  broken = "";
  /** Commands accepted before the cluster was known. */
  held: Held[] = [];
  /** Commands accepted. */
  accepted = 0;
  /** What is to be done when EXEC has run. */
  deferred: Deferred[] = [];
  /** It holds a SELECT. */
  moves = false;
  #heldBytes = 0;

  /** Whether the link to this cluster is bound to the transaction. */
  uses(cluster: string): boolean {
    return this.cluster === cluster;
  }

  /** Marks it as failed; EXEC then runs nothing. */
  fail(text: string = aborted): void {
    if (this.queueing && this.failure === "") this.failure = text;
  }

  /** A request to its cluster has no reply. What is sent there now might run outside of the transaction. */
  breakOff(reason: string): void {
    if (!this.queueing && !this.watching) return;
    this.broken = reason;
    this.failure = `EXECABORT Transaction discarded because of: ${reason}`;
  }

  /** The link to its cluster is gone. */
  lost(): void {
    if (this.broken === "") this.breakOff("upstream connection lost");
    this.cluster = "";
  }

  /** Holds a command for later; false when there are too many. */
  hold(command: Uint8Array, message: Message | null = null): boolean {
    if (!this.counts(command.length)) return false;
    this.held.push({ command, message });
    return true;
  }

  /** Counts bytes that are kept for later; false when there are too many. */
  counts(bytes: number): boolean {
    this.#heldBytes += bytes;
    return this.#heldBytes <= maxHeld;
  }

  /** What was held, for this cluster: messages for others wait until EXEC has run. */
  release(cluster: string): Uint8Array[] {
    const { held } = this;
    this.held = [];
    return held.map(({ command, message }) => {
      if (message === null || message.owner === cluster) return command;
      this.deferred.push(message);
      return standIn;
    });
  }

  /** Back to idle. */
  end(): void {
    this.queueing = false;
    this.cluster = "";
    this.watching = false;
    this.failure = "";
    this.broken = "";
    this.held = [];
    this.accepted = 0;
    this.deferred = [];
    this.moves = false;
    this.#heldBytes = 0;
  }
}

/** MULTI. */
export function begin(session: RedisSession, request: Request): Plan {
  const { transaction } = session;
  if (transaction.queueing) return refuse("ERR MULTI calls can not be nested");
  transaction.queueing = true;
  if (transaction.cluster === "" || transaction.failure !== "") return local(OK);
  const index = session.runtime.indexOf(transaction.cluster);
  if (index < 0) return session.noOwner();
  const whole = part(index, "private", [request.whole()]);
  const begun = ([reply]: readonly Reply[]): NextPlan => {
    if (reply?.failure != null) {
      return { type: "refuse", bytes: [session.failure(reply.failure)], end: false };
    }
    const frame = frameOf(reply);
    if (frame !== null && isError(frame)) transaction.queueing = false;
    return last(reply);
  };
  return fragment([whole], begun, { hold: true });
}

/** EXEC. `wrong` = what is wrong with the command itself, "" = nothing: it ends the transaction all the same. */
export function execute(session: RedisSession, request: Request, wrong = ""): Plan {
  const { transaction, runtime } = session;
  if (!transaction.queueing) return refuse(wrong || "ERR EXEC without MULTI");
  const { cluster } = transaction;
  const failure = wrong || transaction.failure;
  const index = cluster === "" ? -1 : runtime.indexOf(cluster);
  const alone = transaction.held.find(({ message }) => message !== null)?.message?.owner;
  const owner = alone === undefined ? -1 : runtime.indexOf(alone);
  const home = owner < 0 ? runtime.localCluster : owner;
  const held = transaction.release(runtime.nameOf(home));
  const { deferred } = transaction;
  const back = transaction.moves ? [databaseOf(session)] : [];
  transaction.end();
  if (failure !== "") return index < 0 ? refuse(failure) : clearing(index, refuse(failure));
  if (cluster !== "" && deferred.length === 0) return session.forwardOwn(request, index);
  const block = [...(cluster === "" ? held : []), exec, ...back];
  const position = block.length - 1 - back.length;
  const finish = (reply: Reply | undefined): NextPlan => {
    const frame = reply?.frames[position];
    return frame === undefined ? last(reply) : complete(frame, deferred);
  };
  if (cluster !== "") {
    const whole = part(index, "private", block, block.length);
    return fragment([whole], ([reply]) => finish(reply), { hold: true });
  }
  return held.length === 0 ? local(EMPTY_ARRAY) : inside(home, block, finish);
}

/** DISCARD. */
export function abandon(session: RedisSession, request: Request): Plan {
  const { transaction, runtime } = session;
  if (!transaction.queueing) return refuse("ERR DISCARD without MULTI");
  const { cluster, broken } = transaction;
  const index = cluster === "" ? -1 : runtime.indexOf(cluster);
  transaction.end();
  if (index < 0) return local(OK);
  return broken === "" ? session.forwardOwn(request, index) : clearing(index, local(OK));
}

/** Ends what a cluster may hold of a transaction, whatever it has heard; then the answer. */
function clearing(cluster: number, answer: Local | Refuse): Plan {
  return fragment([part(cluster, "private", [discard, unwatching], 2)], () => answer);
}

/** WATCH; `owner` = the cluster of all its keys, -1 = several. */
export function watch(session: RedisSession, request: Request, owner: number): Plan {
  const { transaction, runtime } = session;
  if (transaction.queueing) return refuse("ERR WATCH inside MULTI is not allowed");
  if (transaction.broken !== "") return refuse(`ERR ${transaction.broken}`);
  const cluster = owner < 0 ? "" : runtime.nameOf(owner);
  if (cluster === "" || (transaction.cluster !== "" && transaction.cluster !== cluster))
    return refuse(crossSlot);
  transaction.cluster = cluster;
  transaction.watching = true;
  return session.forwardOwn(request, owner);
}

/** UNWATCH. */
export function unwatch(session: RedisSession, request: Request): Plan {
  const { transaction, runtime } = session;
  if (transaction.queueing) return queue(session, request, -1);
  const { cluster } = transaction;
  transaction.end();
  return cluster === "" ? local(OK) : session.forwardOwn(request, runtime.indexOf(cluster));
}

/** SELECT while queueing: the session moves when EXEC has run it. */
export function queueSelect(session: RedisSession, request: Request, accept: () => void): Plan {
  const { transaction } = session;
  const position = transaction.accepted;
  const run = (element: Uint8Array): NextPlan => {
    if (element[0] === OK[0] && element[1] === OK[1]) accept();
    return local(element);
  };
  transaction.deferred.push({ position, run });
  transaction.moves = true;
  return queue(session, request, -1);
}

/** A command that runs here when EXEC has run; it is neither sent nor kept when there is too much of that. */
export function defer(session: RedisSession, kept: number, run: () => NextPlan): Plan {
  const { transaction } = session;
  if (!transaction.counts(kept)) return refuseQueued(session, tooMuch);
  transaction.deferred.push({ position: transaction.accepted, run });
  return enqueue(session, standIn, () => session.sendOwn(standIn, home(session)));
}

/** PUBLISH, SPUBLISH: no key, so it binds the transaction to no cluster, but it must reach the owner of its channel. */
export function queueMessage(session: RedisSession, request: Request, owner: number): Plan {
  const { transaction, runtime } = session;
  const name = runtime.nameOf(owner);
  if (transaction.cluster === name) return queue(session, request, owner);
  const kept = request.kept();
  const run = (): NextPlan => asNext(session.forward(kept, runtime.indexOf(name)));
  if (transaction.cluster !== "") return defer(session, kept.bytes.length, run);
  const message = { position: transaction.accepted, run, owner: name };
  return enqueue(session, kept.bytes, () => malformed(), message);
}

/** A command while queueing that may run there; `owner` -1 = it has no key. */
export function queue(session: RedisSession, request: Request, owner: number): Plan {
  const { transaction, runtime } = session;
  if (owner < 0 || transaction.broken !== "") {
    return enqueue(session, request.whole(), () => session.forwardOwn(request, home(session)));
  }
  transaction.accepted += 1;
  if (transaction.cluster !== "") {
    if (owner !== home(session)) return refuseQueued(session, crossSlot);
    return session.forwardOwn(request, owner);
  }
  transaction.cluster = runtime.nameOf(owner);
  const block = [...transaction.release(transaction.cluster), request.whole().slice()];
  // What follows a refused MULTI would run outside of any transaction.
  const refused = (): void => {
    transaction.cluster = "";
  };
  return inside(owner, block, (reply) => opened(session, reply), refused);
}

/** A command without a key: to the transaction's cluster, or held until there is one. */
function enqueue(
  session: RedisSession,
  command: Uint8Array,
  send: () => Plan,
  message: Message | null = null,
): Plan {
  const { transaction } = session;
  if (transaction.broken !== "") return refuse(`ERR ${transaction.broken}`);
  transaction.accepted += 1;
  if (transaction.cluster !== "") return send();
  return transaction.hold(command.slice(), message)
    ? local(QUEUED)
    : refuseQueued(session, tooMuch);
}

/** Takes a link back to the database that its session's journal says, whichever the transaction has left it in. */
function databaseOf({ database }: RedisSession): Uint8Array {
  return encodeRequest([latin1("SELECT"), latin1(String(database))]);
}

/** Index of the transaction's cluster. */
function home({ transaction, runtime }: RedisSession): number {
  return runtime.indexOf(transaction.cluster);
}

/**
 * MULTI, and when that is accepted the block behind it. Not in one write: a
 * user who may not say MULTI would run the block outside any transaction.
 */
function inside(
  cluster: number,
  block: readonly Uint8Array[],
  finish: (reply: Reply | undefined) => NextPlan,
  refused: () => void = () => {},
): Plan {
  const begun = ([reply]: readonly Reply[]): NextPlan => {
    const failure = reply === undefined ? null : splitFailure([reply], false);
    if (failure !== null) {
      if (reply?.failure === null) refused();
      return finish(reply);
    }
    const rest = part(cluster, "private", block, block.length);
    return fragment([rest], ([answer]) => finish(answer), { hold: true });
  };
  return fragment([part(cluster, "private", [multi])], begun, { hold: true });
}

/** A command that cannot be queued: the error now, -EXECABORT at EXEC. */
export function refuseQueued(session: RedisSession, text: string): Plan {
  session.transaction.fail();
  return refuse(text);
}

/** The held commands and the first with a key were sent in one block; the client waits for the last. */
function opened(session: RedisSession, reply: Reply | undefined): NextPlan {
  if (reply === undefined) return malformed();
  const earlier = reply.frames.slice(0, -1).find((frame) => isError(frame));
  const failure = splitFailure([reply], false);
  if (failure !== null || earlier !== undefined) {
    const lost = reply.failure;
    if (lost === null) session.transaction.fail();
    else session.transaction.breakOff(failureText(lost));
    return failure ?? { type: "refuse", bytes: [earlier ?? error(aborted)], end: false };
  }
  return last(reply);
}

function last(reply: Reply | undefined): NextPlan {
  const failure = reply === undefined ? null : splitFailure([reply], false);
  const frame = frameOf(reply);
  if (failure !== null) return failure;
  return frame === null ? malformed() : local(frame);
}
