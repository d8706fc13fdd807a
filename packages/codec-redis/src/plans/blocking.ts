/**
 * Commands that may wait for data: on the session's own link, and later
 * requests of the client wait with them, as on one server. The client's own
 * time limit plus a margin replaces the deadline of ordinary requests; when
 * the client goes, the link is closed at once, so that no element is handed to
 * nobody.
 */
import type { Plan } from "@echarde/core";
import type { Command } from "../commands/command.ts";
import { BAD_NUMKEYS } from "../commands/keys.ts";
import { refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { forward, part, passThrough } from "./sending.ts";

/** Added to the client's time limit, milliseconds: the answer has a way to go. */
const margin = 5_000;

/** The plan; `owner` = cluster of all keys, negative as in decide. */
export function blocking(
  session: RedisSession,
  request: Request,
  command: Command,
  owner: number,
): Plan {
  const { finder, found, localCluster } = session.runtime;
  if (owner === -2) return refuse("CROSSSLOT Keys in request don't hash to the same slot");
  if (owner === -3) return session.noOwner();
  if (owner < 0)
    return found === BAD_NUMKEYS ? refuse(finder.error) : session.forward(request, localCluster);
  const timeout = timeoutOf(request, command, finder.block);
  if (timeout === null) return session.forward(request, owner);
  return request.untouched
    ? forward(owner, "private", timeout, true)
    : passThrough(part(owner, "private", [request.whole()]), { hold: true, timeout });
}

/** Milliseconds that the request may take, 0 = for ever; null when it does not wait (or its limit is no number). */
function timeoutOf(request: Request, command: Command, block: number): number | null {
  if (command.decision.kind === "maybe-blocking") {
    return block < 0 ? null : limit(Number(request.text(block)));
  }
  const leading = command.name === "blmpop" || command.name === "bzmpop";
  return limit(Number(request.text(leading ? 1 : request.argc - 1)) * 1_000);
}

function limit(milliseconds: number): number | null {
  if (!(milliseconds >= 0)) return null;
  return milliseconds === 0 ? 0 : milliseconds + margin;
}
