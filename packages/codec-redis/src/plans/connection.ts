/**
 * Commands about the connection. What changes who the session is (AUTH,
 * SELECT, HELLO) is tried on links of the new settings and committed when a
 * cluster accepts it; a link that other sessions share never changes.
 *
 * ```
 *   rank  slot        part of the identity   replayed on
 *   -1    user        yes                    no link: keeps users of the router apart
 *   0     auth        yes                    every link
 *   1     hello       yes                    every link (RESP3 only)
 *   2     db          yes                    every link (other than 0)
 *   3…    client-*    no                     private links; errors ignored
 * ```
 */
import type { Journal, NextPlan, Part, Plan, Reply } from "@echarde/core";
import { frameOf, local, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1, latin1Text, parseInteger } from "../wire/ascii.ts";
import { isError, ReplyItem, skipReply } from "../wire/reply-reader.ts";
import {
  bulk,
  bulkText,
  EMPTY_ARRAY,
  integer,
  mapHeader,
  OK,
  PONG,
  type Protocol,
  RESET,
} from "../wire/reply-writer.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { ageSlot } from "./admission.ts";
import { nameError, nameSlot } from "./client-name.ts";
import { answerOf, fragment, part } from "./sending.ts";
import * as signIn from "./sign-in.ts";
import { queueSelect } from "./transaction.ts";

/** PING. */
export function ping(_session: RedisSession, request: Request): Plan {
  return request.argc > 1 ? local(bulk(request.arg(1))) : local(PONG);
}

/** ECHO. */
export function echo(_session: RedisSession, request: Request): Plan {
  return local(bulk(request.arg(1)));
}

/** QUIT: nothing behind it runs. */
export function quit(): Plan {
  return { type: "local", bytes: [OK], end: true, release: false };
}

/** RESET: as a new connection. */
export function reset(session: RedisSession): Plan {
  session.forget();
  return { type: "local", bytes: [RESET], end: false, release: true };
}

/** SELECT. The index is judged by a server, so the error is its own. */
export function select(session: RedisSession, request: Request): Plan {
  const index = parseInteger(request.bytes, request.start[1] as number, request.end[1] as number);
  if (Number.isNaN(index)) return refuse("ERR value is not an integer or out of range");
  if (!(Math.abs(index) <= 0x7fffffff)) {
    return refuse("ERR value is out of range, value must between -2147483648 and 2147483647");
  }
  if (index < 0) return refuse("ERR DB index is out of range");
  const packet = request.whole().slice();
  const next = inDatabase(session, index, packet);
  return firstThatAnswers(session, packet, next, (frame) => {
    session.context.journal = next;
    session.database = index;
    return local(frame);
  });
}

/** SELECT between MULTI and EXEC; what is wrong with it the server says at EXEC. */
export function selectInside(session: RedisSession, request: Request): Plan {
  const index = parseInteger(request.bytes, request.start[1] as number, request.end[1] as number);
  const packet = request.whole().slice();
  return queueSelect(session, request, () => {
    session.context.journal = inDatabase(session, index, packet);
    session.database = index;
  });
}

function inDatabase(session: RedisSession, index: number, packet: Uint8Array): Journal {
  return session.context.journal.with({
    name: "db",
    rank: 2,
    identity: true,
    initial: index === 0,
    packets: null,
    packet,
  });
}

/** AUTH: every cluster is asked; the first refusal is the answer. Unless the router has credentials or users of its own. */
export function auth(session: RedisSession, request: Request): Plan {
  if (!session.runtime.security.passes) return signIn.auth(session, request);
  const packet = request.whole().slice();
  const named = request.argc > 2;
  const next = session.context.journal.without(ageSlot).with({
    name: "auth",
    rank: 0,
    identity: true,
    initial: false,
    packets: null,
    packet,
  });
  return onAll(session, packet, next, (frame) => {
    session.context.journal = next;
    session.user = named ? "" : "default";
    return local(frame);
  });
}

/** HELLO. Answered in the router's name: a standalone master. */
export function hello(session: RedisSession, request: Request): Plan {
  const given = helloOptions(request);
  const { credentials } = given;
  if (session.runtime.security.passes || credentials === null) return greet(session, given);
  const [user, password] = credentials;
  const own = { ...given, credentials: null };
  return signIn.check(session, latin1Text(user, 0, user.length), password, () =>
    greet(session, own),
  );
}

/** Whether this HELLO leaves the RESP version and the user as they are. */
export function staysAsItIs(session: RedisSession, request: Request): boolean {
  const { version, credentials } = helloOptions(request);
  return credentials === null && (version === null || version === session.protocol);
}

/** HELLO; credentials in it are for the clusters. */
function greet(
  session: RedisSession,
  { version, credentials, name, wrong }: HelloOptions,
): NextPlan {
  if (wrong !== "") return refuse(wrong);
  if (session.stranger) return refuse(signIn.helloFirst);
  let next = session.context.journal;
  if (credentials !== null) {
    const packet = encodeRequest([latin1("AUTH"), ...credentials]);
    next = next.without(ageSlot).with({
      name: "auth",
      rank: 0,
      identity: true,
      initial: false,
      packets: null,
      packet,
    });
  }
  const protocol = version ?? session.protocol;
  const packet = protocol === 3 ? hello3 : hello2;
  next = next.with({
    name: "hello",
    rank: 1,
    identity: true,
    initial: protocol === 2,
    packets: null,
    packet,
  });
  if (name !== null) next = next.with(nameSlot(name));
  const accept = (frame: Uint8Array): NextPlan => {
    session.context.journal = next;
    session.protocol = protocol;
    if (name !== null) session.name = name;
    return local(...greeting(session, frame));
  };
  return credentials === null
    ? firstThatAnswers(session, packet, next, accept)
    : onAll(session, packet, next, accept);
}

const hello2 = encodeRequest([latin1("HELLO"), latin1("2")]);
const hello3 = encodeRequest([latin1("HELLO"), latin1("3")]);

interface HelloOptions {
  readonly version: Protocol | null;
  readonly credentials: readonly [Uint8Array, Uint8Array] | null;
  readonly name: Uint8Array | null;
  /** Redis's words for the first thing that is wrong, "" = nothing; what stands before it counts. */
  readonly wrong: string;
}

/** Options of HELLO. */
function helloOptions(request: Request): HelloOptions {
  let version: Protocol | null = null;
  let credentials: HelloOptions["credentials"] = null;
  let name: Uint8Array | null = null;
  const given = (wrong: string): HelloOptions => ({ version, credentials, name, wrong });
  if (request.argc > 1) {
    const number = parseInteger(
      request.bytes,
      request.start[1] as number,
      request.end[1] as number,
    );
    if (Number.isNaN(number))
      return given("ERR Protocol version is not an integer or out of range");
    if (number !== 2 && number !== 3) return given("NOPROTO unsupported protocol version");
    version = number;
  }
  for (let i = 2; i < request.argc; i++) {
    const left = request.argc - 1 - i;
    if (request.is(i, "auth") && left >= 2) {
      credentials = [request.arg(i + 1).slice(), request.arg(i + 2).slice()];
      i += 2;
    } else if (request.is(i, "setname") && left >= 1) {
      name = request.arg(i + 1).slice();
      const wrong = nameError(name);
      if (wrong !== null) return given(wrong);
      i += 1;
    } else return given(`ERR Syntax error in HELLO option '${request.text(i)}'`);
  }
  return given("");
}

/** The reply to HELLO: what the server says, with the router in its place. */
function greeting(session: RedisSession, frame: Uint8Array): Uint8Array[] {
  const item = new ReplyItem();
  let at = item.open(frame);
  let version = "";
  let modules: Uint8Array = EMPTY_ARRAY;
  for (let left = item.count; left > 0; left -= 2) {
    const value = item.open(frame, at);
    const field = latin1Text(frame, item.from, item.to);
    at = skipReply(frame, value);
    if (field === "version") {
      item.open(frame, value);
      version = session.runtime.sawVersion(latin1Text(frame, item.from, item.to));
    } else if (field === "modules") modules = frame.slice(value, at);
  }
  return [
    mapHeader(7, session.protocol),
    ...[bulkText("server"), bulkText("redis")],
    ...[bulkText("version"), bulkText(version)],
    ...[bulkText("proto"), integer(session.protocol)],
    ...[bulkText("id"), integer(session.context.id)],
    ...[bulkText("mode"), bulkText("standalone")],
    ...[bulkText("role"), bulkText("master")],
    ...[bulkText("modules"), modules],
  ];
}

/** One cluster is enough: the local one, or the next that can be reached. */
function firstThatAnswers(
  session: RedisSession,
  packet: Uint8Array,
  journal: Journal,
  accept: (frame: Uint8Array) => NextPlan,
): NextPlan {
  const { localCluster, allClusters } = session.runtime;
  const order = [localCluster, ...allClusters.filter((cluster) => cluster !== localCluster)];
  const ask = (index: number): NextPlan =>
    fragment(
      [part(order[index] as number, "shared", [packet])],
      ([reply]) => {
        const frame = frameOf(reply);
        if (frame !== null)
          return isError(frame) ? answerOf(reply) : admitted(session, accept(frame));
        const retry = reply?.failure?.reply == null && index + 1 < order.length;
        return retry ? ask(index + 1) : answerOf(reply);
      },
      { hold: true, journal },
    );
  return ask(0);
}

/** Every cluster is asked; those that cannot be reached will be when they are needed. */
function onAll(
  session: RedisSession,
  packet: Uint8Array,
  journal: Journal,
  accept: (frame: Uint8Array) => NextPlan,
): NextPlan {
  const parts: Part[] = session.runtime.allClusters.map((cluster) =>
    part(cluster, "shared", [packet]),
  );
  return fragment(
    parts,
    (replies) => {
      const refused = replies.find(isRefusal);
      if (refused !== undefined) return splitFailure([refused], false) ?? answerOf(refused);
      const accepted = replies.map(frameOf).find((frame) => frame !== null);
      return accepted == null ? answerOf(replies[0]) : admitted(session, accept(accepted));
    },
    { hold: true, journal },
  );
}

/** A cluster did what it does for nobody who has yet to say a password. */
function admitted(session: RedisSession, next: NextPlan): NextPlan {
  session.admitted = true;
  return next;
}

function isRefusal(reply: Reply): boolean {
  const frame = frameOf(reply);
  return frame === null ? reply.failure?.reply != null : isError(frame);
}
