/** From a request to its plan: the command's decision, seen from the state of its session. */
import type { Plan } from "@echarde/core";
import { denied } from "../access.ts";
import type { Command } from "../commands/command.ts";
import type { DecisionKind } from "../commands/decisions.ts";
import { unknownCommand, wrongArity } from "../commands/errors.ts";
import { BAD_NUMKEYS, FOUND } from "../commands/keys.ts";
import { arityFits } from "../commands/lookup.ts";
import { local, refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { arrayHeader, bulkText, EMPTY_ARRAY, integer, OK } from "../wire/reply-writer.ts";
import { admit, wentOut } from "./admission.ts";
import { blocking } from "./blocking.ts";
import * as client from "./client.ts";
import * as connection from "./connection.ts";
import { guarded } from "./guarded.ts";
import { info } from "./info.ts";
import * as keyspace from "./keyspace.ts";
import { crossSlot, deniedPattern, nobody, ownerOf, ownerOfFound, several } from "./owner.ts";
import * as pubSub from "./pub-sub.ts";
import { whileQueueing } from "./queueing.ts";
import * as scripts from "./scripts.ts";
import * as split from "./split.ts";
import * as transaction from "./transaction.ts";

/** The plan of a whole request. */
export function decide(session: RedisSession, request: Request): Plan {
  const { commands } = session.runtime;
  const { bytes, start, end, argc } = request;
  const command = commands.resolve(bytes, start, end, argc);
  request.command = command;
  if (command === null) {
    session.label = "UNKNOWN";
    session.transaction.fail();
    return refuse(unknownCommand(commands, bytes, start, end, argc));
  }
  session.label = command.label;
  if (!arityFits(command, argc)) {
    if (command.decision.kind === "exec") {
      return transaction.execute(session, request, wrongArity(command));
    }
    session.transaction.fail();
    return refuse(wrongArity(command));
  }
  if (command.firstKey && command.decision.kind === "keyed" && isFree(session)) {
    const owner = session.runtime.owner(bytes, start[1] as number, end[1] as number);
    if (owner >= 0) return session.forward(request, owner);
  }
  return session.doubtful
    ? admit(session, request, command, fitting)
    : fitting(session, request, command);
}

/** Whether nothing but its key decides where a keyed request goes: of all that follows nothing applies. */
function isFree(session: RedisSession): boolean {
  const { limited, transaction, protocol, subscriptions } = session;
  if (limited || transaction.queueing) return false;
  if (protocol === 2 && subscriptions.size > 0) return false;
  return session.heardBy !== "" || !session.doubtful;
}

/** The plan of a request of the right form. */
function fitting(session: RedisSession, request: Request, command: Command): Plan {
  const { kind } = command.decision;
  if (session.limited) {
    const words = denied(session.runtime, session, request, command);
    if (words !== "") return forbid(session, kind, words);
  }
  if (session.restricted && !whileSubscribed.has(kind)) {
    // Redis words every refusal of EXEC as the end of a transaction.
    const words = kind === "exec" ? "EXECABORT Transaction discarded because of:" : "ERR";
    return refuse(
      `${words} Can't execute '${command.name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    );
  }
  if (session.transaction.queueing) return whileQueueing(session, request, command, plain);
  return plain(session, request, command);
}

/** A request that its client may not make. Redis words every refusal of EXEC as the end of a transaction. */
function forbid(session: RedisSession, kind: DecisionKind, words: string): Plan {
  session.transaction.fail();
  if (kind !== "exec") return refuse(words);
  session.transaction.end();
  return refuse(`EXECABORT Transaction discarded because of: ${words}`);
}

/**
 * The plan of a large request of which only the first arguments are there,
 * null when it must be held until it is whole.
 */
export function decideHead(session: RedisSession, request: Request, argsRead: number): Plan | null {
  const { bytes, start, end, argc } = request;
  if (argsRead < 1) return null;
  const { runtime } = session;
  const command = runtime.commands.find(bytes, start[0] as number, end[0] as number);
  if (command === null || command.container || command.decision.kind !== "keyed") return null;
  if (!arityFits(command, argc) || session.restricted) return null;
  request.command = command;
  if (session.limited && denied(runtime, session, request, command, argsRead) !== "") return null;
  if (runtime.finder.find(command, bytes, start, end, argc, argsRead) !== FOUND) return null;
  const owner = ownerOfFound(session, request);
  if (owner < 0) return null;
  const { queueing, cluster, failure } = session.transaction;
  if (queueing && (failure !== "" || cluster !== runtime.nameOf(owner))) return null;
  session.label = command.label;
  return wentOut(session, runtime.forwards.own(owner));
}

function plain(session: RedisSession, request: Request, command: Command): Plan {
  const { runtime } = session;
  const kind = command.decision.kind;
  switch (kind) {
    case "keyed":
    case "publish":
    case "spublish":
      return keyed(session, request, command);
    case "mget":
      return split.splitMget(session, request);
    case "mset":
      return split.splitMset(session, request, command);
    case "sum":
      return split.splitSum(
        session,
        request,
        command.name !== "exists" && command.name !== "touch",
      );
    case "sort":
    case "script":
    case "script-ro":
      return keyed(session, request, command);
    case "blocking":
    case "maybe-blocking":
      return blocking(session, request, command, ownerOf(session, request, command));
    case "keyless":
      return guarded(session, command) ?? session.forward(request, runtime.localCluster);
    case "broadcast":
      return keyspace.broadcastOk(session, request);
    case "broadcast-same":
      return keyspace.broadcastEqual(session, request);
    case "broadcast-sum":
      return keyspace.broadcastSum(session, request);
    case "broadcast-and":
      return scripts.scriptExists(session, request);
    case "broadcast-any":
      return scripts.kill(session, request);
    case "keys":
      return keyspace.broadcastConcat(session, request, false);
    case "randomkey":
      return keyspace.randomKey(session, request);
    case "scan":
      return keyspace.scan(session, request);
    case "info":
      return info(session, request);
    case "pubsub-channels":
      return keyspace.broadcastConcat(session, request, true);
    case "pubsub-numsub":
      return request.argc === 2 ? local(EMPTY_ARRAY) : split.splitNumsub(session, request);
    case "pubsub-numpat":
      return keyspace.broadcastMax(session, request);
    case "subscribe":
      return pubSub.subscribe(session, request, "channel");
    case "psubscribe":
      return pubSub.subscribe(session, request, "pattern");
    case "ssubscribe":
      return ownerOf(session, request, command) === several
        ? refuse(crossSlot)
        : pubSub.subscribe(session, request, "shard-channel");
    case "unsubscribe":
      return pubSub.unsubscribe(session, request, "channel");
    case "punsubscribe":
      return pubSub.unsubscribe(session, request, "pattern");
    case "sunsubscribe":
      return pubSub.unsubscribe(session, request, "shard-channel");
    case "multi":
      return transaction.begin(session, request);
    case "exec":
      return transaction.execute(session, request);
    case "discard":
      return transaction.abandon(session, request);
    case "watch": {
      const owner = ownerOf(session, request, command);
      return owner === nobody ? session.noOwner() : transaction.watch(session, request, owner);
    }
    case "unwatch":
      return transaction.unwatch(session, request);
    case "admin-keyless":
    case "admin-broadcast":
    case "admin-sum":
      return administration(session, request, command);
    case "refuse":
      return refuse(command.decision.text);
    case "container":
      return refuse(wrongArity(command));
    default:
      return aboutConnection(session, request, kind);
  }
}

/** Commands that concern nobody but this connection. */
function aboutConnection(session: RedisSession, request: Request, kind: ConnectionKind): Plan {
  switch (kind) {
    case "auth":
      return connection.auth(session, request);
    case "hello":
      return connection.hello(session, request);
    case "select":
      return connection.select(session, request);
    case "reset":
      return connection.reset(session);
    case "quit":
      return connection.quit();
    case "ping":
      if (request.argc > 2) return refuse("ERR wrong number of arguments for 'ping' command");
      return session.restricted
        ? pubSub.subscriberPong(request)
        : connection.ping(session, request);
    case "echo":
      return connection.echo(session, request);
    case "role":
      return local(arrayHeader(3), bulkText("master"), integer(0), EMPTY_ARRAY);
    case "client-setname":
      return client.setName(session, request);
    case "client-getname":
      return client.getName(session);
    case "client-id":
      return client.clientId(session);
    case "client-info":
    case "client-list":
      return client.clientInfo(session);
    case "client-setinfo":
      return client.setInfo(session, request);
    case "client-reply":
      return client.reply(session, request);
    case "client-trackinginfo":
      return client.trackingInfo(session);
    case "client-getredir":
      return local(integer(-1));
    case "client-noted":
      return request.is(2, "on") || request.is(2, "off") ? local(OK) : refuse("ERR syntax error");
  }
}

type ConnectionKind = Extract<
  DecisionKind,
  "auth" | "hello" | "select" | "reset" | "quit" | "ping" | "echo" | "role" | `client-${string}`
>;

/** The cluster that owns all keys of a command whose bytes stay as they are. */
function keyed(session: RedisSession, request: Request, command: Command): Plan {
  const owner = ownerOf(session, request, command);
  if (owner >= 0) {
    const denied = deniedPattern(session, command);
    return denied === null ? session.forward(request, owner) : refuse(denied);
  }
  if (owner === several) return refuse(crossSlot);
  if (owner === nobody) return session.noOwner();
  const { finder, localCluster } = session.runtime;
  // Of a script or function that it does not know a server says so first.
  const scripted = command.numkeys === "script" || command.numkeys === "function";
  if (session.runtime.found === BAD_NUMKEYS && !scripted) return refuse(finder.error);
  return session.forward(request, localCluster);
}

function administration(session: RedisSession, request: Request, command: Command): Plan {
  if (!session.runtime.options.admin) {
    return refuse(`ERR '${command.name}' is not supported through this proxy`);
  }
  switch (command.decision.kind) {
    case "admin-broadcast":
      return keyspace.broadcastOk(session, request);
    case "admin-sum":
      return keyspace.broadcastSum(session, request);
    default:
      return session.forward(request, session.runtime.localCluster);
  }
}

/** What Redis lets a RESP2 subscriber say. */
const whileSubscribed: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  "subscribe",
  "psubscribe",
  "ssubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
  "ping",
  "quit",
  "reset",
]);
