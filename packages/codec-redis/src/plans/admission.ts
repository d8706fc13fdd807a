/**
 * Whether a client may speak before it has said who it is, when `AUTH` is the
 * clusters' affair. They alone know (`requirepass` may change at any time), so
 * they are asked before the first answer that the router would give by itself;
 * what goes to a cluster anyhow is answered there.
 *
 * ```
 *   first request ─▶ to a cluster anyhow ─▶ sent: its reply says it
 *                 └▶ answered here        ─▶ knock ─▶ -NOAUTH: that is the answer, and asked again next time
 *                                                  └▶ else: admitted, until RESET
 * ```
 * A server asks a connection for a password only if there was one when the
 * connection came. So a client that has sent nothing yet is judged by a link
 * that is made to come anew (`RESET`), and once a password has been met, the
 * clients that come later do not share links with those that came before.
 */
import type { NextPlan, Plan, Reply, Slot } from "@echarde/core";
import { Journal } from "@echarde/core";
import type { Command } from "../commands/command.ts";
import { NO_AUTH } from "../commands/flags.ts";
import { frameOf, malformed, refuse } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { latin1 } from "../wire/ascii.ts";
import { errorText } from "../wire/reply-reader.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { fragment, part } from "./sending.ts";

/** What the router has seen of passwords at its clusters. */
export class Admission {
  /** Settings of a client that has set nothing. Another journal after a password was met, so that links are not shared with earlier clients. */
  fresh: Journal = Journal.empty;
  #closed = false;
  #age = 0;

  /** A server asked for a password. */
  refused(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#age += 1;
    this.fresh = Journal.empty.with(apart(ageSlot, String(this.#age)));
  }

  /** A server let a new connection speak without one. */
  opened(): void {
    this.#closed = false;
  }
}

/** Which clients came after the last time that a password was met. */
export const ageSlot = "age";

const knockJournal = Journal.empty.with(apart("knock", ""));
const reset = encodeRequest([latin1("RESET")]);
const ping = encodeRequest([latin1("PING")]);

function apart(name: string, text: string): Slot {
  const packet = latin1(text);
  return { name, rank: -1, identity: true, initial: false, packet, packets: null };
}

/** Kinds of commands that only ever read or change the session: their plan must not be made before the client is admitted. */
function isLocal({ decision: { kind } }: Command): boolean {
  return kind.startsWith("client-") || local.has(kind);
}

const local: ReadonlySet<string> = new Set(["ping", "echo", "role", "multi", "unwatch"]);

/**
 * The plan of a request of a client that is not admitted yet; `make` gives
 * what it would be for one that is, from the request as it stands then.
 */
export function admit(
  session: RedisSession,
  request: Request,
  command: Command,
  make: (session: RedisSession, request: Request, command: Command) => Plan,
): Plan {
  if ((command.flags & NO_AUTH) !== 0) return wentOut(session, make(session, request, command));
  if (!isLocal(command)) {
    const plan = make(session, request, command);
    if (plan.type !== "local" && plan.type !== "refuse") return wentOut(session, plan);
  }
  const kept = request.kept();
  return question(session, (refusal) => {
    if (refusal !== "") {
      const exec = command.decision.kind === "exec";
      return refuse(exec ? `EXECABORT Transaction discarded because of: ${refusal}` : refusal);
    }
    return asNext(make(session, kept, command));
  });
}

/** A plan of a request that a cluster judges: what it says of that client hangs on the links that it takes. */
export function wentOut(session: RedisSession, plan: Plan): Plan {
  if (session.heardBy !== "") return plan;
  const cluster =
    plan.type === "forward"
      ? plan.cluster
      : plan.type === "fragment"
        ? (plan.parts[0]?.cluster ?? -1)
        : -1;
  if (cluster >= 0) session.heardBy = session.runtime.nameOf(cluster);
  return plan;
}

/** A kept request is never forwarded by its place in the input. */
export function asNext(plan: Plan): NextPlan {
  return plan.type === "forward" ? malformed() : plan;
}

/** Asks whether the session may speak; "" = it may, else a server's words. Clusters that cannot be reached keep nobody out: nothing of theirs is given away. */
export function question(session: RedisSession, then: (refusal: string) => NextPlan): NextPlan {
  const { runtime } = session;
  const anew = session.heardBy === "";
  const known = anew ? -1 : runtime.indexOf(session.heardBy);
  const first = known < 0 ? runtime.localCluster : known; // another may know it by a newer link only
  const order = [first, ...runtime.allClusters.filter((cluster) => cluster !== first)];
  const ask = (index: number): NextPlan => {
    const cluster = order[index] as number;
    const one = anew ? part(cluster, "shared", [reset, ping], 2) : part(cluster, "shared", [ping]);
    return fragment([one], heard(index), {
      hold: true,
      ...(anew ? { journal: knockJournal } : {}),
    });
  };
  const heard =
    (index: number) =>
    ([reply]: readonly Reply[]): NextPlan => {
      const frame = frameOf(reply) ?? reply?.failure?.reply ?? null;
      if (frame === null) return index + 1 < order.length ? ask(index + 1) : then("");
      const words = errorText(frame);
      if (!words.startsWith("NOAUTH")) {
        if (anew) runtime.admission.opened();
        session.admitted = true;
        return then("");
      }
      runtime.admission.refused();
      if (anew) session.context.journal = runtime.admission.fresh;
      return then(words);
    };
  return ask(0);
}
