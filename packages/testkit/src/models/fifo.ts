/**
 * Model: a key-value store with a line a request and a line a reply, matched
 * by order. `GET k` `SET k v` `QSET k v` (no reply) `MGET k…` `COUNT`
 * `PUSH k v` `POP k` (blocks) `USE n` (a setting) `RESET` `NOP` (nothing)
 * `ECHO x` `QUIT`.
 */
import * as core from "@echarde/core";
import { forward, fragment, latin1, local, part, refuse, skip, textOf } from "@echarde/core";

const LF = 10;
/** Words behind the names of requests for one key. */
const arity = new Map(Object.entries({ GET: 1, SET: 2, QSET: 2, PUSH: 2, POP: 1 }));
/** Values longer than this use a link of their own. */
const large = 40;
const bad = refuse("-bad\n", { end: true });

class FifoSession extends core.BaseSession {
  readonly #context: core.SessionContext;

  constructor(router: core.RouterContext, context: core.SessionContext) {
    super(router);
    this.#context = context;
  }

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const at = bytes.indexOf(LF, from);
    if (at < 0) return null;
    this.end = at + 1;
    const [name = "", ...args] = textOf(bytes, from, at).split(" ");
    this.label = name;
    const keys = name === "MGET" ? args : args.slice(0, arity.has(name) ? 1 : 0);
    this.shardKeys = keys.map(latin1);
    const { table } = this.router;
    const owners = this.shardKeys.map((key) => table.route(key, 0, key.length));
    const everywhere = table.clusters.map((_, cluster) => part(cluster, "COUNT\n"));
    if (name === "MGET" && args.length > 0) return mget(keys, owners);
    if (name === "COUNT") return fragment(everywhere, whenAll(countsTogether));
    if (name === "USE") return this.#use(textOf(bytes, from, this.end));
    if (name === "ECHO") return local(`+${args.join(" ")}\n`);
    if (name === "NOP") return skip;
    if (name === "QUIT") return local("+bye\n", { end: true });
    if (name === "RESET") this.#context.journal = core.Journal.empty;
    if (name === "RESET") return local("+reset\n", { release: true });
    return arity.get(name) === args.length ? oneKey(name, args, owners[0] as number) : bad;
  }

  failure(failure: core.Failure): Uint8Array {
    return failureLine(failure);
  }

  /** Tried on links with the setting; the session has it once they agree. */
  #use(line: string): core.Plan {
    const initial = line === "USE 0\n";
    const slot = { name: "use", rank: 1, identity: true, initial, packets: null };
    const journal = this.#context.journal.with({ ...slot, packet: latin1(line) });
    const commit = whenAll(() => {
      this.#context.journal = journal;
      return "+ok\n";
    });
    const ping = part(this.router.table.localCluster, "ECHO ok\n");
    return fragment([ping], commit, { hold: true, journal });
  }
}

function oneKey(name: string, args: readonly string[], owner: number): core.Plan {
  const lane = (args[1] ?? "").length > large ? "private" : "shared";
  if (name === "POP") return forward(owner, { lane: "private", hold: true, timeout: 20_000 });
  if (name !== "QSET") return forward(owner, { lane });
  const set = part(owner, `SET ${args.join(" ")}\n`, { lane });
  return fragment([set], () => skip, { silent: true });
}

function mget(keys: readonly string[], owners: readonly number[]): core.Plan {
  const groups = core.groupBy(owners, (owner) => owner);
  if (groups.size === 1) return forward(owners[0] as number);
  const parts = [...groups].map(([owner, at]) =>
    part(owner, `MGET ${at.map((i) => keys[i]).join(" ")}\n`),
  );
  const inPlace = (lines: readonly string[]): string => {
    const values = lines.map((line) => line.trimEnd().split(" "));
    return `${core.byPosition([...groups.values()], values)?.join(" ") ?? "-garbage"}\n`;
  };
  return fragment(parts, whenAll(inPlace));
}

const countsTogether = (lines: readonly string[]): string =>
  `:${core.sum(lines.map((line) => Number(line.slice(1))))}\n`;

/** What `answer` makes of the servers' lines, or the first failure. */
function whenAll(answer: (lines: readonly string[]) => string): core.Fragment["coalesce"] {
  return (replies) => {
    const failure = core.firstFailure(replies);
    if (failure !== null) return refuse(failureLine(failure));
    return local(answer(replies.map(({ frames: [line] }) => textOf(line ?? latin1("")))));
  };
}

/** The server's own words, or `-reason cluster`. */
function failureLine({ reply, reason, cluster }: core.Failure): Uint8Array {
  return reply ?? latin1(`-${reason} ${cluster}\n`);
}

class FifoLink extends core.BaseLink {
  #within = false;

  scan(bytes: Uint8Array, from: number): number {
    const first = String.fromCharCode(bytes[from] as number);
    if (!this.#within && !"+-:_".includes(first)) {
      this.event = "garbage";
      return from;
    }
    if (!this.#within && first === "-") this.errors += 1;
    const at = bytes.indexOf(LF, from);
    this.#within = at < 0;
    this.event = at < 0 ? "piece" : "reply";
    return at < 0 ? bytes.length : at + 1;
  }

  override replayed(_slot: unknown, frame: Uint8Array): Uint8Array | null {
    return textOf(frame, 0, 1) === "-" ? frame : null;
  }
}

/** See the module. */
export const fifo: core.Codec = core.defineCodec("fifo", (router) => ({
  session: (context) => new FifoSession(router, context),
  link: () => new FifoLink(),
}));
