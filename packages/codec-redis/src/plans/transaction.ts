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
import { isError, ReplyItem, skipReply } from "../wire/reply-reader.ts";
import { EMPTY_ARRAY, error, OK, QUEUED } from "../wire/reply-writer.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { fragment, part } from "./sending.ts";

const crossSlot = "CROSSSLOT Keys in request don't hash to the same slot";
const aborted = "EXECABORT Transaction discarded because of previous errors.";
const multi = encodeRequest([latin1("MULTI")]);
const exec = encodeRequest([latin1("EXEC")]);
const discard = encodeRequest([latin1("DISCARD")]);
const unwatching = encodeRequest([latin1("UNWATCH")]);

/** Commands without keys that are held until the cluster is known, bytes. */
const maxHeld = 1 << 20;

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
  held: Uint8Array[] = [];
  /** Commands accepted. */
  accepted = 0;
  /** SELECTs among them, by position: they count when EXEC has run them. */
  selects: { readonly position: number; readonly accept: () => void }[] = [];
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
  hold(command: Uint8Array): boolean {
    this.#heldBytes += command.length;
    if (this.#heldBytes > maxHeld) return false;
    this.held.push(command);
    return true;
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
    this.selects = [];
    this.#heldBytes = 0;
  }
}

/** MULTI. */
export function begin(session: RedisSession, request: Request): Plan {
  const { transaction } = session;
  if (transaction.queueing) return refuse("ERR MULTI calls can not be nested");
  transaction.queueing = true;
  if (transaction.cluster === "" || transaction.failure !== "") return local(OK);
  return session.forwardOwn(request, session.runtime.indexOf(transaction.cluster));
}

/** EXEC. `wrong` = what is wrong with the command itself, "" = nothing: it ends the transaction all the same. */
export function execute(session: RedisSession, request: Request, wrong = ""): Plan {
  const { transaction, runtime } = session;
  if (!transaction.queueing) return refuse(wrong || "ERR EXEC without MULTI");
  const { cluster, held, selects } = transaction;
  const failure = wrong || transaction.failure;
  const index = cluster === "" ? -1 : runtime.indexOf(cluster);
  transaction.end();
  if (failure !== "") return index < 0 ? refuse(failure) : clearing(index, refuse(failure));
  if (cluster !== "" && selects.length === 0) return session.forwardOwn(request, index);
  const finish = (reply: Reply | undefined): NextPlan => {
    const frame = frameOf(reply);
    if (frame !== null)
      for (const { position, accept } of selects) if (ranWell(frame, position)) accept();
    return last(reply);
  };
  if (cluster !== "") {
    const whole = part(index, "private", [exec]);
    return fragment([whole], ([reply]) => finish(reply), { hold: true });
  }
  if (held.length === 0) return local(EMPTY_ARRAY);
  return inside(runtime.localCluster, [...held, exec], finish);
}

/** Whether the command at this position of an EXEC's reply was answered `+OK`. */
function ranWell(frame: Uint8Array, position: number): boolean {
  const item = new ReplyItem();
  let at = item.open(frame);
  if (position >= item.count) return false;
  for (let i = 0; i < position; i++) at = skipReply(frame, at);
  return frame[at] === OK[0] && frame[at + 1] === OK[1];
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
  session.transaction.selects.push({ position: session.transaction.accepted, accept });
  return queue(session, request, -1);
}

/** A command while queueing that may run there; `owner` -1 = it has no key. */
export function queue(session: RedisSession, request: Request, owner: number): Plan {
  const { transaction, runtime } = session;
  if (transaction.broken !== "") return refuse(`ERR ${transaction.broken}`);
  transaction.accepted += 1;
  if (transaction.cluster !== "") {
    const index = runtime.indexOf(transaction.cluster);
    if (owner >= 0 && owner !== index) return refuseQueued(session, crossSlot);
    return session.forwardOwn(request, index);
  }
  if (owner < 0) {
    if (transaction.hold(request.whole().slice())) return local(QUEUED);
    return refuseQueued(
      session,
      "ERR too many commands without a key at the start of a transaction",
    );
  }
  transaction.cluster = runtime.nameOf(owner);
  const block = [...transaction.held, request.whole().slice()];
  transaction.held = [];
  return inside(owner, block, (reply) => opened(session, reply));
}

/**
 * MULTI, and when that is accepted the block behind it. Not in one write: a
 * user who may not say MULTI would run the block outside any transaction.
 */
function inside(
  cluster: number,
  block: readonly Uint8Array[],
  finish: (reply: Reply | undefined) => NextPlan,
): Plan {
  const begun = ([reply]: readonly Reply[]): NextPlan => {
    const failure = reply === undefined ? null : splitFailure([reply], false);
    if (failure !== null) return finish(reply);
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
