/**
 * Model: a key-value store with a line a request and a line a reply, matched
 * by order. `GET k` `SET k v` `QSET k v` (no reply) `MGET k…` `COUNT`
 * `PUSH k v` `POP k` (blocks) `USE n` (a setting) `RESET` `NOP` (nothing)
 * `ECHO x` `QUIT`.
 */
import type { Codec, Failure, Plan, RouterContext, SessionContext } from "@echarde/core";
import { Journal } from "@echarde/core";
import { latin1, textOf } from "../text.ts";
import { failureLine, ModelLink, ModelSession } from "./model-session.ts";
import { firstFailure, forward, fragment, groupBy, local, part, refuse, skip } from "./plans.ts";

const LF = 10;
/** Values longer than this use a link of their own. */
const large = 40;

class FifoSession extends ModelSession {
  readonly #router: RouterContext;
  readonly #context: SessionContext;

  constructor(router: RouterContext, context: SessionContext) {
    super();
    this.#router = router;
    this.#context = context;
  }

  request(bytes: Uint8Array, from: number): Plan | null {
    const at = bytes.indexOf(LF, from);
    if (at < 0) return null;
    this.end = at + 1;
    const [name = "", ...args] = textOf(bytes, from, at).split(" ");
    this.label = name;
    this.keyRanges = [];
    const keyed =
      name === "MGET"
        ? args
        : ["GET", "SET", "QSET", "PUSH", "POP"].includes(name)
          ? args.slice(0, 1)
          : [];
    let start = from + name.length + 1;
    for (const key of keyed) {
      this.keyRanges.push(start, start + key.length);
      start += key.length + 1;
    }
    const { table } = this.#router;
    const owners = this.keys(bytes).map((key) => table.route(key, 0, key.length));
    const [owner = table.localCluster] = owners;
    const lane = (args[1] ?? "").length > large ? "private" : "shared";
    const arity = { GET: 1, SET: 2, QSET: 2, PUSH: 2, POP: 1 }[name];
    if (arity === args.length) {
      if (name === "POP") return forward(owner, { lane: "private", hold: true, timeout: 20_000 });
      if (name !== "QSET") return forward(owner, { lane });
      const set = part(owner, latin1(`SET ${args.join(" ")}\n`), { lane });
      return fragment([set], () => skip, { silent: true });
    }
    if (name === "MGET" && args.length > 0) return this.#mget(args, owners);
    if (name === "COUNT") return this.#count();
    if (name === "USE") return this.#use(textOf(bytes, from, this.end));
    if (name === "ECHO") return local(`+${args.join(" ")}\n`);
    if (name === "NOP") return skip;
    if (name === "QUIT") return local("+bye\n", { end: true });
    if (name !== "RESET") return refuse("-bad\n", true);
    this.#context.journal = Journal.empty;
    return local("+reset\n", { release: true });
  }

  failure(failure: Failure): Uint8Array {
    return failureLine(failure);
  }

  #mget(keys: readonly string[], owners: readonly number[]): Plan {
    const groups = [...groupBy(owners, (owner) => owner)];
    if (groups.length === 1) return forward(owners[0] as number);
    const parts = groups.map(([owner, at]) =>
      part(owner, latin1(`MGET ${at.map((i) => keys[i]).join(" ")}\n`)),
    );
    return fragment(parts, (replies) => {
      const failure = firstFailure(replies);
      if (failure !== null) return refuse(this.failure(failure));
      const values: string[] = [];
      replies.forEach(({ frames: [line = new Uint8Array()] }, index) => {
        const words = textOf(line, 0, line.length - 1).split(" ");
        for (const [i, position] of (groups[index]?.[1] ?? []).entries())
          values[position] = words[i] ?? "";
      });
      return local(`${values.join(" ")}\n`);
    });
  }

  #count(): Plan {
    const parts = this.#router.table.clusters.map((_, cluster) => part(cluster, latin1("COUNT\n")));
    return fragment(parts, (replies) => {
      const failure = firstFailure(replies);
      if (failure !== null) return refuse(this.failure(failure));
      const sum = replies.reduce(
        (total, { frames: [line = new Uint8Array()] }) => total + Number(textOf(line, 1)),
        0,
      );
      return local(`:${sum}\n`);
    });
  }

  /** Tried on links with the setting; the session has it once they agree. */
  #use(line: string): Plan {
    const slot = {
      name: "use",
      rank: 1,
      identity: true,
      initial: line === "USE 0\n",
      packets: null,
      packet: latin1(line),
    };
    const journal = this.#context.journal.with(slot);
    const ping = part(this.#router.table.localCluster, latin1("ECHO ok\n"));
    return fragment(
      [ping],
      (replies) => {
        const failure = firstFailure(replies);
        if (failure !== null) return refuse(this.failure(failure));
        this.#context.journal = journal;
        return local("+ok\n");
      },
      { hold: true, journal },
    );
  }
}

class FifoLink extends ModelLink {
  #within = false;

  scan(bytes: Uint8Array, from: number, _expect: number): number {
    if (!this.#within && !marks.includes(bytes[from] as number)) {
      this.event = "garbage";
      return from;
    }
    if (!this.#within && bytes[from] === 45) this.errors += 1;
    const at = bytes.indexOf(LF, from);
    this.#within = at < 0;
    this.event = at < 0 ? "piece" : "reply";
    return at < 0 ? bytes.length : at + 1;
  }

  override replayed(_slot: unknown, frame: Uint8Array): Uint8Array | null {
    return frame[0] === 45 ? frame : null;
  }
}

/** First bytes of replies: + - : _ */
const marks = [43, 45, 58, 95];

/** See the module. */
export const fifo: Codec = {
  name: "fifo",
  matching: "order",
  ordering: "in-order",
  needs: ["fanOut", "privateLinks", "timers"],
  hashTag: null,
  start: (router) => ({
    session: (context) => new FifoSession(router, context),
    link: () => new FifoLink(),
  }),
};
