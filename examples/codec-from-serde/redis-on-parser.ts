/**
 * Redis by way of redis-parser: commands with one key, and MGET over several clusters. RESP2 only,
 * since that is what the parser knows. Everything else is refused.
 */
import * as core from "@echarde/core";
import Parser from "redis-parser";

const line = (text: string): Uint8Array => core.latin1(`${text}\r\n`);
/** PING, MGET, and commands whose first argument is their only key. */
const known =
  /^(ping|mget|get|set|getset|incr|decr|append|strlen|expire|ttl|type|h(get|set|del|getall)|[lr](push|pop)|llen|s(add|rem|members))$/i;

/** A stream of RESP. */
class Values implements core.IncrementalParser {
  /** The newest whole message. */
  value: unknown = null;
  #whole = 0;
  readonly #parser: Parser = new Parser({
    returnBuffers: true,
    returnReply: (value) => this.#take(value),
    returnError: (error) => this.#take(error),
  });

  push(bytes: Uint8Array): number {
    this.#whole = 0;
    this.#parser.execute(Buffer.from(bytes)); // a copy: it keeps what is not whole
    return this.#whole;
  }

  #take(value: unknown): void {
    this.value = value;
    this.#whole += 1;
  }
}

class Session extends core.BaseSession {
  readonly #values: Values = new Values();
  readonly #framer: core.ParserFramer = new core.ParserFramer(this.#values, 10);

  request(bytes: Uint8Array, from: number): core.Plan | null {
    const end = this.#framer.end(bytes, from);
    if (end === 0) return null;
    this.end = end < 0 ? bytes.length : end;
    const words = this.#values.value;
    if (end < 0 || bytes[from] !== 42 || !Array.isArray(words) || !words.every(Buffer.isBuffer))
      return core.refuse(line("-ERR Protocol error"), { end: true });
    const name = String(words[0] ?? "").toUpperCase();
    this.label = known.test(name) ? name : "other";
    this.shardKeys = name === "MGET" ? words.slice(1) : words.slice(1, 2);
    if (name === "PING") return core.local("+PONG\r\n");
    if (this.label === "other" || this.shardKeys.length === 0)
      return core.refuse(line("-ERR not a command of this example, or without its key"));
    const owners = this.shardKeys.map((key) => this.router.table.route(key, 0, key.length));
    const groups = [...core.groupBy(owners, (owner) => owner)];
    if (owners.includes(-1)) return core.refuse(line("-ERR no cluster owns the key"));
    return groups.length === 1 ? core.forward(owners[0] as number) : this.#mget(groups);
  }

  #mget(groups: readonly (readonly [cluster: number, positions: number[]])[]): core.Plan {
    const parts = groups.map(([cluster, at]) => {
      const keys = at.map((i) => this.shardKeys[i] as Uint8Array);
      return core.part(cluster, array(["MGET", ...keys.map((key) => core.textOf(key))].map(bulk)));
    });
    return core.fragment(parts, (replies) => {
      const failed = core.firstError(replies, (frame) => (frame[0] === 45 ? frame : null));
      if (failed !== null) return core.refuse(failed.own ?? this.failure(failed.failure));
      const values = replies.map(({ frames: [frame = new Uint8Array()] }) => valuesOf(frame));
      const positions = groups.map(([, at]) => at);
      const merged = core.byPosition(positions, values);
      return merged ? core.local(array(merged.map(bulk))) : core.refuse(line("-ERR bad reply"));
    });
  }

  failure({ reason, cluster, reply }: core.Failure): Uint8Array {
    return reply ?? line(`-ERR upstream ${reason} (cluster ${cluster})`);
  }
}

class Link extends core.BaseLink {
  readonly #framer: core.ParserFramer = new core.ParserFramer(new Values(), 10);

  scan(bytes: Uint8Array, from: number): number {
    const end = this.#framer.end(bytes, from);
    this.event = end < 0 ? "garbage" : end === 0 ? "need" : "reply";
    if (end > 0 && bytes[from] === 45) this.errors += 1;
    return end <= 0 ? from : end;
  }
}

const bulk = (value: string | Buffer | null): string =>
  value === null ? "$-1\r\n" : `$${value.length}\r\n${value.toString("latin1")}\r\n`;
const array = (items: readonly string[]): string => `*${items.length}\r\n${items.join("")}`;

function valuesOf(frame: Uint8Array): (Buffer | null)[] {
  const parser = new Values();
  parser.push(frame);
  return Array.isArray(parser.value) ? parser.value : [];
}

/** For `createRouter` and `createShardServer`. */
export const redisOnParser: core.Codec = core.defineCodec("redis", (router) => ({
  session: () => new Session(router),
  link: () => new Link(),
}));
