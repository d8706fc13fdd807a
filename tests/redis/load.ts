/**
 * Clients that know what each reply must be: tokens carry the client, the
 * request and the key. Every reply is checked, every request counted once.
 *
 * ```
 *   sent = ok + failed (an error that names a cluster of the request, which may fail now)
 *             + cut    (the router closed the client while the request was open)
 * ```
 */
import assert from "node:assert/strict";
import { encodeCommand, type RawClient } from "@echarde/testkit/servers";
import type { Shards } from "./shards.ts";

/** Outcomes so far. */
export interface Outcomes {
  /** Requests sent. */
  sent: number;
  /** Right replies, by index of the server. */
  readonly ok: number[];
  /** Errors of the router, by index of the server. */
  readonly failed: number[];
  /** Requests open when the router closed the client. */
  cut: number;
  /** Errors by their words. */
  readonly words: Map<string, number>;
}

/** How much load. */
export interface LoadOptions {
  /** Clients for each server, which use its keys alone. Default 2. */
  readonly perServer?: number;
  /** Clients that use all servers. Default 3. */
  readonly mixed?: number;
  /** Requests in one write. Default 30. */
  readonly depth?: number;
  /** Bytes added to each value. Default 0. */
  readonly padding?: number;
  /** A close of a client is one more outcome, not a failure of the test. */
  readonly mayClose?: boolean;
}

interface Request {
  readonly bytes: Buffer;
  /** Indexes of the servers that it needs. */
  readonly servers: readonly number[];
  readonly words: string;
  readonly right: (reply: string) => boolean;
}

/** See the module. */
export class Load {
  readonly outcomes: Outcomes;
  /** Servers that may fail now. */
  readonly sick: Set<number> = new Set<number>();
  readonly #shards: Shards;
  readonly #options: Required<LoadOptions>;
  readonly #running: Promise<void>[] = [];
  readonly #waiting = new Set<() => void>();
  #stopped = false;
  #failure: Error | null = null;
  /** Per server: requests sent up to then may still have failed because of it. */
  readonly #healed: number[] = [];

  /** Starts the clients. */
  constructor(shards: Shards, options: LoadOptions = {}) {
    this.#shards = shards;
    this.#options = { perServer: 2, mixed: 3, depth: 30, padding: 0, mayClose: false, ...options };
    const zeros = (): number[] => shards.servers.map(() => 0);
    this.outcomes = { sent: 0, ok: zeros(), failed: zeros(), cut: 0, words: new Map() };
    const all = shards.servers.map((_, i) => i);
    for (const server of all) {
      for (let i = 0; i < this.#options.perServer; i++) this.#start([server]);
    }
    for (let i = 0; i < this.#options.mixed; i++) this.#start(all);
  }

  /** Waits until this holds; looked at after each reply. */
  async until(words: string, holds: (outcomes: Outcomes) => boolean): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (this.#failure === null && !holds(this.outcomes)) {
      assert.ok(Date.now() < deadline, `${words}: ${this.summary()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1_000);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits for so many more right replies of each of these servers. */
  async more(count: number, servers: readonly number[] = this.#all()): Promise<void> {
    const before = [...this.outcomes.ok];
    await this.until(`${count} more of ${servers.join()}`, ({ ok }) =>
      servers.every((i) => (ok[i] ?? 0) - (before[i] ?? 0) >= count),
    );
  }

  /** Waits for so many more errors because of this server. */
  async fails(count: number, server: number): Promise<void> {
    const before = this.outcomes.failed[server] ?? 0;
    await this.until(`${count} more errors of ${server}`, ({ failed }) => {
      return (failed[server] ?? 0) - before >= count;
    });
  }

  /** The server is well again: what is sent from now on must not fail because of it. */
  heal(server: number): void {
    this.sick.delete(server);
    this.#healed[server] = this.outcomes.sent;
  }

  /** Lets every client finish its pipeline; each request must have had one outcome. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    if (this.#failure !== null) throw this.#failure;
    const { sent, ok, failed, cut } = this.outcomes;
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    assert.equal(sum(ok) + sum(failed) + cut, sent, "one outcome for each request");
    assert.ok(sent > 0);
  }

  /** The counts in one line. */
  summary(): string {
    const { sent, ok, failed, cut, words } = this.outcomes;
    const errors = [...words].map(([text, count]) => `${count} × ${text}`).join("; ");
    return `${sent} sent: ${ok.join(" + ")} right, ${failed.join(" + ")} failed, ${cut} cut. ${errors}`;
  }

  #all(): number[] {
    return this.#shards.servers.map((_, i) => i);
  }

  #start(servers: readonly number[]): void {
    const name = `c${this.#running.length}`;
    this.#running.push(
      this.#run(name, servers).catch((error: unknown) => {
        this.#failure ??= error as Error;
        this.#wake();
      }),
    );
  }

  async #run(name: string, servers: readonly number[]): Promise<void> {
    const keys = servers.map((server) => this.#shards.keyOn(server, name));
    let client = await this.#shards.connect();
    for (let at = 0; !this.#stopped && this.#failure === null; at += this.#options.depth) {
      const batch: Request[] = [];
      for (let i = 0; i < this.#options.depth; i++) {
        batch.push(request(name, at + i, servers, keys, this.#options.padding));
      }
      client.send(Buffer.concat(batch.map(({ bytes }) => bytes)));
      const sentAt = this.outcomes.sent;
      this.outcomes.sent += batch.length;
      for (const [i, one] of batch.entries()) {
        const reply = await next(client);
        if (reply === null) {
          assert.ok(this.#options.mayClose, `${name} was closed: ${one.words}`);
          this.outcomes.cut += batch.length - i;
          await client.close();
          client = await this.#shards.connect();
          break;
        }
        this.#count(reply, one, sentAt);
      }
    }
    assert.equal(client.waiting, 0, "replies that nobody asked for");
    await client.close();
  }

  #count(reply: string, { servers, words, right }: Request, sentAt: number): void {
    const { ok, failed } = this.outcomes;
    if (reply.startsWith("-")) {
      const [, text = reply, number = ""] =
        /^-ERR (.*)\(cluster redis(\d)\)\r\n$/.exec(reply) ?? [];
      const server = Number(number) - 1;
      const sick = this.sick.has(server) || sentAt < (this.#healed[server] ?? 0);
      const allowed = servers.includes(server) && sick;
      assert.ok(allowed, `${words} on ${servers.join()} failed: ${reply}`);
      failed[server] = (failed[server] ?? 0) + 1;
      this.outcomes.words.set(text, (this.outcomes.words.get(text) ?? 0) + 1);
    } else {
      assert.ok(right(reply), `another's reply to ${words}: ${reply.slice(0, 300)}`);
      const [server = 0] = servers;
      ok[server] = (ok[server] ?? 0) + 1;
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

/** The next reply, null when the connection ended before it was whole. */
async function next(client: RawClient): Promise<string | null> {
  try {
    return (await client.reply(20_000)).toString("latin1");
  } catch (error) {
    if (client.ended) return null;
    throw error;
  }
}

function request(
  name: string,
  at: number,
  servers: readonly number[],
  keys: readonly string[],
  padding: number,
): Request {
  const turn = at % servers.length;
  const key = keys[turn] ?? "";
  const token = `${name}/${at}/${key}/${"x".repeat(padding)}`;
  const one = servers.slice(turn, turn + 1);
  const bulk = `$${token.length}\r\n${token}\r\n`;
  // An earlier value of the same key by the same client, or none where the server began anew.
  const value = (of: string): string => `(?:\\$-1\\r\\n|\\$\\d+\\r\\n${name}/\\d+/${of}/x*\\r\\n)`;
  const is = (expected: string) => (reply: string) => reply === expected;
  switch (at % 5) {
    case 0:
    case 1:
      return command(["EVAL", "return ARGV[1]", "1", key, token], one, is(bulk));
    case 2:
      return command(["SET", key, token], one, is("+OK\r\n"));
    case 3:
      return command(["GET", key], one, (reply) => new RegExp(`^${value(key)}$`).test(reply));
    default: {
      const values = keys.map(value).join("");
      const pattern = new RegExp(`^\\*${keys.length}\\r\\n${values}$`);
      return command(["MGET", ...keys], servers, (reply) => pattern.test(reply));
    }
  }
}

function command(
  words: readonly string[],
  servers: readonly number[],
  right: (reply: string) => boolean,
): Request {
  return { bytes: encodeCommand(...words), servers, words: words.join(" ").slice(0, 80), right };
}
