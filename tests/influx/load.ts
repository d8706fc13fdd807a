/**
 * Clients that know what each answer must be, and go on until they are told.
 *
 * ```
 *   sent = ok + failed (an error that names a cluster of the request, which may fail now)
 *             + cut    (the router closed the client amid an answer of such a cluster)
 * ```
 */
import assert from "node:assert/strict";
import { type Answer, query, type Shards, write } from "./shards.ts";

/** Hosts of the measurement that is split. */
const hosts = Array.from({ length: 30 }, (_, i) => `h${i}`);
const batch = hosts.map((host, i) => `cpu,host=${host} v=${i} ${i}`).join("\n");

/** A request, the clusters that it needs, and what is right. */
interface Job {
  readonly servers: readonly number[];
  run(port: number): Promise<Answer>;
  right(answer: Answer): boolean;
}

/** See the module. */
export class Load {
  /** Servers that may fail now. */
  readonly sick: Set<number> = new Set<number>();
  /** Right answers of requests that one server alone carries out. */
  readonly ok: number[] = [0, 0, 0];
  /** Right answers of requests that all servers carry out. */
  together = 0;
  /** Errors, by the server that they name. */
  readonly failed: number[] = [0, 0, 0];
  /** Answers that were cut. */
  cut = 0;
  readonly #shards: Shards;
  readonly #workers: Promise<void>[] = [];
  #stopped = false;
  #wrong: unknown = null;

  constructor(shards: Shards) {
    this.#shards = shards;
  }

  /** Writes what will be read, and begins. */
  async begin(): Promise<void> {
    const { port } = this.#shards;
    const names = [0, 1, 2].map((server) => this.#shards.measurementOn(server));
    await query(port, "CREATE DATABASE d");
    const lines = names.flatMap((name) => hosts.map((_, i) => `${name} v=${i} ${i}`));
    assert.equal((await write(port, `${batch}\n${lines.join("\n")}`)).status, 204);
    const all = [0, 1, 2];
    const jobs: Job[] = [
      { servers: all, run: (to) => write(to, batch), right: ({ status }) => status === 204 },
      {
        servers: all,
        run: (to) => query(to, "SELECT sum(v), count(v) FROM cpu"),
        right: ({ body }) => body.includes('"values":[["1970-01-01T00:00:00Z",435,30]]'),
      },
      {
        servers: all,
        run: (to) =>
          query(to, "SELECT v FROM cpu", { chunked: "true", chunk_size: "7", epoch: "ns" }),
        right: ({ body }) =>
          body.match(/\[\d+,\d+\]/g)?.join() === hosts.map((_, i) => `[${i},${i}]`).join(),
      },
    ];
    for (const [server, name] of names.entries()) {
      jobs.push(
        {
          servers: [server],
          run: (to) => write(to, `${name} v=7 7`),
          right: ({ status }) => status === 204,
        },
        {
          servers: [server],
          run: (to) => query(to, `SELECT median(v), count(v) FROM ${name}`),
          right: ({ body }) => body.includes(",14.5,30]]"),
        },
      );
    }
    for (const job of jobs) this.#workers.push(this.#work(job));
    await this.more(20);
  }

  /** Waits for so many more right answers: of each of these servers, and of all together when they are all of them. */
  async more(count: number, servers: readonly number[] = [0, 1, 2]): Promise<void> {
    const ok = [...this.ok];
    const { together } = this;
    await this.#until("right answers", () => {
      if (servers.length === 3 && this.together < together + count) return false;
      return servers.every((server) => (this.ok[server] ?? 0) >= (ok[server] ?? 0) + count);
    });
  }

  /** Waits for so many more errors that name this server. */
  async fails(count: number, server: number): Promise<void> {
    const before = this.failed[server] ?? 0;
    await this.#until(`errors of ${server}`, () => (this.failed[server] ?? 0) >= before + count);
  }

  /** Waits until the server answers again; then it may fail no more. */
  async heals(server: number): Promise<void> {
    await this.more(1, [server]);
    const { together } = this;
    await this.#until("answers of all", () => this.together > together);
    // What was under way when it healed may still fail.
    const [ok, all] = [[...this.ok], this.together];
    await this.#until("answers behind those", () => {
      return this.together >= all + 6 && (this.ok[server] ?? 0) >= (ok[server] ?? 0) + 4;
    });
    this.sick.delete(server);
  }

  /** Ends; throws for the first answer that was wrong. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
    if (this.#wrong !== null) throw this.#wrong;
    const { ok, together, failed, cut } = this;
    assert.ok(together > 0, JSON.stringify({ ok, together, failed, cut }));
  }

  async #until(what: string, done: () => boolean): Promise<void> {
    const deadline = performance.now() + 120_000;
    while (!done()) {
      if (this.#wrong !== null) throw this.#wrong;
      const { ok, together, failed, cut } = this;
      const state = JSON.stringify({ ok, together, failed, cut });
      assert.ok(performance.now() < deadline, `waits for ${what}: ${state}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #work(job: Job): Promise<void> {
    try {
      while (!this.#stopped && this.#wrong === null) await this.#once(job);
    } catch (error) {
      this.#wrong ??= error;
    }
  }

  async #once(job: Job): Promise<void> {
    const mayFail = new Set([...this.sick].filter((server) => job.servers.includes(server)));
    let answer: Answer;
    try {
      answer = await job.run(this.#shards.port);
    } catch (error) {
      for (const server of this.sick) mayFail.add(server);
      // Half an answer of one server had left: nothing but a close can tell.
      const alone = job.servers.length === 1 && mayFail.has(job.servers[0] as number);
      assert.ok(alone, `a client was closed: ${error} ${(error as Error).cause}`);
      this.cut += 1;
      return;
    }
    if (job.right(answer)) {
      if (job.servers.length === 1)
        this.ok[job.servers[0] as number] = (this.ok[job.servers[0] as number] ?? 0) + 1;
      else this.together += 1;
      return;
    }
    for (const server of this.sick) mayFail.add(server);
    const text = `${answer.status} ${answer.body.slice(0, 500)}`;
    const [, word = "", named = "0"] =
      /upstream (\w+) \(cluster influx(\d)\)/.exec(answer.body) ?? [];
    const server = Number(named) - 1;
    assert.ok(word !== "" && mayFail.has(server) && job.servers.includes(server), `wrong: ${text}`);
    // Words on which clients throw data away must not be there.
    assert.doesNotMatch(answer.body, /partial write|unable to parse|database not found/);
    this.failed[server] = (this.failed[server] ?? 0) + 1;
  }
}
