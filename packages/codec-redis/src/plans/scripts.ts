/** Scripts and functions: loaded everywhere, run where their keys live, killed on a connection of its own. */
import { anySuccess, type NextPlan, type Plan, type Reply } from "@echarde/core";
import { errorOf, frameOf, local, malformed, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { errorText, ReplyItem } from "../wire/reply-reader.ts";
import { arrayHeader, OK, ONE_REPLY, ZERO_REPLY } from "../wire/reply-writer.ts";
import { broadcast } from "./keyspace.ts";

/** SCRIPT EXISTS: 1 where every cluster has the script. */
export function scriptExists(session: RedisSession, request: Request): Plan {
  const asked = request.argc - 2; // the request is another one when the replies come
  return broadcast(session, request, (replies) => {
    const failure = splitFailure(replies, false);
    if (failure !== null) return failure;
    const everywhere = new Array<boolean>(asked).fill(true);
    const item = new ReplyItem();
    for (const reply of replies) {
      const frame = frameOf(reply) as Uint8Array;
      let at = item.open(frame);
      if (item.count !== everywhere.length) return malformed();
      for (let i = 0; i < everywhere.length; i++) {
        at = item.open(frame, at);
        everywhere[i] &&= frame[item.from] === 49;
      }
    }
    return local(
      arrayHeader(everywhere.length),
      ...everywhere.map((yes) => (yes ? ONE_REPLY : ZERO_REPLY)),
    );
  });
}

/**
 * SCRIPT KILL, FUNCTION KILL: a busy server answers nothing behind the script
 * on the same connection, so the session's own links carry it. One success is
 * enough; "nothing runs" is the answer only when all say so.
 */
export function kill(session: RedisSession, request: Request): Plan {
  return broadcast(session, request, killed, "private");
}

function killed(replies: readonly Reply[]): NextPlan {
  if (anySuccess(replies, errorOf) !== null) return local(OK);
  const frames = replies.map(frameOf);
  const busy = frames.find((frame) => frame !== null && !errorText(frame).startsWith("NOTBUSY"));
  if (busy !== undefined && busy !== null) return { type: "refuse", bytes: [busy], end: false };
  return splitFailure(replies, false) ?? refuse("NOTBUSY No scripts in execution right now.");
}
