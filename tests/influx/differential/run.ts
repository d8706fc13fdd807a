/** One influxd with all the data, and three behind the router: the same writes, the same queries. */
import assert from "node:assert/strict";
import type { SplitRule } from "@echarde/codec-influx";
import type { InfluxdServer } from "@echarde/testkit/servers";
import { type Answer, query, type Shards, write } from "../shards.ts";
import { compare, type Verdict } from "./compare.ts";
import { randomLines } from "./data.ts";
import { type Level, type RandomQuery, randomQuery } from "./queries.ts";
import { Choices } from "./random.ts";

/** Measurements of databases whose name begins with `split` are split in three ways. */
export const splitRules = (databases: number): readonly SplitRule[] =>
  Array.from({ length: databases }, (_, i) => `split${i}`).flatMap((database) => [
    { database, measurement: "cpu", by: ["host"] },
    { database, measurement: "two", by: ["host", "dc"] },
    { database, measurement: "net", by: "series" },
    { database, measurement: "mem", by: ["rack"] },
  ]);

/** How often each kind was answered and refused. */
export type Tally = Map<string, { answered: number; refused: number }>;

/** Creates a database on both sides and writes the same random points to them. */
export async function fill(
  oracle: InfluxdServer,
  shards: Shards,
  database: string,
  seed: number,
  count: number,
): Promise<void> {
  const lines = randomLines(new Choices(seed), count);
  for (const port of [oracle.port, shards.port]) {
    const made = await query(port, `CREATE DATABASE ${database}`);
    assert.equal(made.status, 200, made.body);
    for (let from = 0; from < lines.length; from += 500) {
      const { status, body } = await write(port, lines.slice(from, from + 500).join("\n"), {
        db: database,
      });
      assert.equal(status, 204, body);
    }
  }
}

/** Runs queries on both sides. Throws at the first answer that is wrong, and at the first refusal of what the support table says is answered. */
export async function runQueries(
  oracle: InfluxdServer,
  shards: Shards,
  database: string,
  level: Level,
  seed: number,
  count: number,
  tally: Tally,
): Promise<void> {
  const choices = new Choices(seed);
  for (let done = 0; done < count; done += 8) {
    const batch = Array.from({ length: Math.min(8, count - done) }, () =>
      randomQuery(choices, level),
    );
    const chunks = batch.map(() => (choices.percent(40) ? choices.of(["1", "2", "7", "50"]) : ""));
    await Promise.all(
      batch.map((one, i) =>
        runOne(oracle, shards, database, one, level, chunks[i] as string, tally),
      ),
    );
  }
}

async function runOne(
  oracle: InfluxdServer,
  shards: Shards,
  database: string,
  one: RandomQuery,
  level: Level,
  chunk: string,
  tally: Tally,
): Promise<void> {
  const form = chunk === "" ? {} : { chunked: "true", chunk_size: chunk };
  const params = { db: database, epoch: "ns", ...form };
  const ask = (port: number, who: string): Promise<Answer> =>
    query(port, one.q, params).catch((error: unknown) => {
      throw new Error(`${who} does not answer ${one.q} in ${database}`, { cause: error });
    });
  const [wanted, got] = await Promise.all([
    ask(oracle.port, "influxd"),
    ask(shards.port, "the router"),
  ]);
  const verdict: Verdict = compare(one, wanted.body, got.body);
  const key = `${level}: ${one.kind}`;
  const counts = tally.get(key) ?? { answered: 0, refused: 0 };
  tally.set(key, counts);
  if (verdict === "equal") counts.answered += 1;
  else if (verdict === "refused") counts.refused += 1;
  const show = `${database}: ${one.q}\nexpected ${wanted.body.slice(0, 3000)}\nactual   ${got.body.slice(0, 3000)}`;
  assert.notEqual(verdict, "different", `a wrong answer\n${show}`);
  if (verdict === "refused") assert.ok(!one.mergeable, `refused what can be merged\n${show}`);
}

/** The tally as lines. */
export function report(tally: Tally): string {
  const rows = [...tally].sort(([a], [b]) => (a < b ? -1 : 1));
  return rows
    .map(
      ([kind, { answered, refused }]) =>
        `${kind.padEnd(44)} ${String(answered).padStart(6)} answered ${String(refused).padStart(6)} refused`,
    )
    .join("\n");
}
