/**
 * Requests between MULTI and EXEC: queued at the transaction's cluster, kept
 * until EXEC has run (see deferred), or refused, so that EXEC aborts.
 */
import type { Plan } from "@echarde/core";
import type { Command } from "../commands/command.ts";
import type { DecisionKind } from "../commands/decisions.ts";
import { CLUSTER_OFF } from "../commands/decisions.ts";
import { NO_MULTI } from "../commands/flags.ts";
import { refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { asNext } from "./admission.ts";
import { selectInside, staysAsItIs } from "./connection.ts";
import { guarded, unsupported } from "./guarded.ts";
import { anywhere, crossSlot, deniedPattern, nobody, ownerOf, several } from "./owner.ts";
import * as transaction from "./transaction.ts";

/** The plan; `plain` = what a request is outside of a transaction. */
export function whileQueueing(
  session: RedisSession,
  request: Request,
  command: Command,
  plain: (session: RedisSession, request: Request, command: Command) => Plan,
): Plan {
  const kind = command.decision.kind;
  switch (kind) {
    case "exec":
    case "discard":
    case "multi":
    case "watch":
    case "quit":
    case "reset":
      return plain(session, request, command);
    case "unwatch":
    case "ping":
    case "echo":
      return transaction.queue(session, request, anywhere);
    case "select":
      return selectInside(session, request);
    default:
      break;
  }
  if ((command.flags & NO_MULTI) !== 0) {
    return transaction.refuseQueued(session, "ERR Command not allowed inside a transaction");
  }
  if (isOwn(session, command) || changesNothing(session, request, kind)) {
    const kept = request.kept();
    return transaction.defer(session, kept.bytes.length, () =>
      asNext(plain(session, kept, command)),
    );
  }
  switch (kind) {
    case "ssubscribe": // Redis queues it, and refuses to run it
      return transaction.defer(session, 0, () =>
        refuse("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client"),
      );
    case "keyless":
      if (guarded(session, command) !== null) {
        return transaction.refuseQueued(session, unsupported(command));
      }
      return transaction.queue(session, request, anywhere);
    case "publish":
    case "spublish": {
      const owner = ownerOf(session, request, command);
      return owner < 0 ? session.noOwner() : transaction.queueMessage(session, request, owner);
    }
    default:
      break;
  }
  if (session.runtime.clusterCount === 1 && onOneCluster.has(kind)) {
    return transaction.queue(session, request, anywhere);
  }
  if (!keyed.has(kind)) {
    const text = kind === "refuse" ? command.decision.text : "";
    return transaction.refuseQueued(
      session,
      text || `ERR '${command.name}' is not supported inside a transaction through this proxy`,
    );
  }
  const owner = ownerOf(session, request, command);
  if (owner === nobody) return session.noOwner();
  const denied = owner === several ? crossSlot : deniedPattern(session, command);
  return denied === null
    ? transaction.queue(session, request, owner)
    : transaction.refuseQueued(session, denied);
}

/** Whether the router itself is what the command is about. */
function isOwn(session: RedisSession, command: Command): boolean {
  const { kind, text } = command.decision;
  if (kind === "client-reply") return false; // it would cut EXEC's reply in two
  if (kind.startsWith("client-") || own.has(kind)) return true;
  if (kind === "refuse") return text === CLUSTER_OFF;
  return command.name === "acl|whoami" && guarded(session, command) !== null;
}

const own: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  "role",
  "subscribe",
  "psubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
]);

/**
 * HELLO that keeps the RESP version and the user, CLIENT REPLY ON when replies are
 * on: all others change how the rest of EXEC's reply is written, or by whom it is run.
 */
function changesNothing(session: RedisSession, request: Request, kind: DecisionKind): boolean {
  if (kind === "hello") return staysAsItIs(session, request);
  if (kind !== "client-reply" || session.replies !== "on") return false;
  return request.is(2, "on");
}

/** Commands that the cluster of their keys can queue. */
const keyed: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  "keyed",
  "sort",
  "blocking",
  "maybe-blocking",
  "script",
  "script-ro",
  "mget",
  "mset",
  "sum",
]);

/** Commands over all clusters that are for the one there is. */
const onOneCluster: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  "broadcast",
  "broadcast-same",
  "broadcast-sum",
  "broadcast-and",
  "keys",
  "randomkey",
  "pubsub-channels",
  "pubsub-numsub",
  "pubsub-numpat",
]);
