/** CLIENT: the router is the server that clients are connected to, so it answers. */
import type { Plan } from "@echarde/core";
import { local, refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1Text } from "../wire/ascii.ts";
import {
  bulk,
  bulkText,
  EMPTY_ARRAY,
  integer,
  mapHeader,
  nullBulk,
  OK,
  setHeader,
  verbatimText,
} from "../wire/reply-writer.ts";
import { nameError, nameSlot } from "./client-name.ts";

/** CLIENT SETNAME. */
export function setName(session: RedisSession, request: Request): Plan {
  const name = request.arg(2).slice();
  const wrong = nameError(name);
  if (wrong !== null) return refuse(wrong);
  const { context } = session;
  context.journal = context.journal.with(nameSlot(name));
  session.name = name;
  return local(OK);
}

/** CLIENT GETNAME. */
export function getName(session: RedisSession): Plan {
  return local(session.name.length === 0 ? nullBulk(session.protocol) : bulk(session.name));
}

/** CLIENT SETINFO: kept, since Redis 7.2 knows it and client libraries send it first. */
export function setInfo(session: RedisSession, request: Request): Plan {
  if (request.argc !== 4)
    return refuse("ERR wrong number of arguments for 'client|setinfo' command");
  const field = request.text(2).toLowerCase();
  if (field !== "lib-name" && field !== "lib-ver") {
    return refuse(`ERR Unrecognized option '${request.text(2)}'`);
  }
  const value = request.arg(3).slice();
  if (nameError(value) !== null) {
    return refuse(`ERR ${field} cannot contain spaces, newlines or special characters.`);
  }
  const { context } = session;
  context.journal = context.journal.with({
    name: `client-${field}`,
    rank: field === "lib-name" ? 4 : 5,
    identity: false,
    initial: false,
    packets: null,
    packet: request.whole().slice(),
  });
  return local(OK);
}

/** CLIENT ID. */
export function clientId(session: RedisSession): Plan {
  return local(integer(session.context.id));
}

/** CLIENT INFO and CLIENT LIST: this session, in Redis's form. */
export function clientInfo(session: RedisSession): Plan {
  return local(verbatimText(`${infoLine(session)}\n`, session.protocol));
}

/** CLIENT REPLY. */
export function reply(session: RedisSession, request: Request): Plan {
  const mode = request.text(2).toLowerCase();
  if (mode === "on") {
    session.replies = "on";
    return local(OK);
  }
  if (mode === "off") session.replies = "off";
  else if (mode === "skip") {
    if (session.replies !== "off") session.replies = "skip-next";
  } else return refuse("ERR syntax error");
  return local();
}

/** CLIENT TRACKINGINFO: off. */
export function trackingInfo({ protocol }: RedisSession): Plan {
  return local(
    mapHeader(3, protocol),
    ...[bulkText("flags"), setHeader(1, protocol), bulkText("off")],
    ...[bulkText("redirect"), integer(-1)],
    ...[bulkText("prefixes"), EMPTY_ARRAY],
  );
}

function infoLine(session: RedisSession): string {
  const { context, database, subscriptions, transaction, protocol } = session;
  const text = (bytes: Uint8Array): string => latin1Text(bytes, 0, bytes.length);
  const channels = subscriptions.of("channel").size;
  const flags = `${transaction.queueing ? "x" : ""}${subscriptions.size > 0 ? "P" : ""}` || "N";
  return [
    `id=${context.id}`,
    `name=${text(session.name)}`,
    `flags=${flags}`,
    `db=${database}`,
    `sub=${channels}`,
    `psub=${subscriptions.of("pattern").size}`,
    `ssub=${subscriptions.of("shard-channel").size}`,
    `multi=${transaction.queueing ? 0 : -1}`,
    `cmd=${session.label.toLowerCase()}`,
    `user=${session.user === "" ? "default" : session.user}`,
    `resp=${protocol}`,
  ].join(" ");
}
