import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { ValueQuestion } from "@echarde/core";
import { AppendLog } from "../state/append-log.ts";
import type { ValueAnswer } from "./host-values.ts";
import { ValueStore } from "./value-store.ts";

const day = 24 * 3_600_000;

/** A store with a clock that stands, and short words for questions. */
class Bench {
  now = 1_000_000_000_000;
  readonly said: string[] = [];
  readonly store: ValueStore;

  constructor(file: string | null, most?: number, now?: number) {
    if (now !== undefined) this.now = now;
    this.store = new ValueStore({
      now: () => this.now,
      failing: (error) => void this.said.push(error === null ? "again" : "failing"),
      ...(most === undefined ? {} : { most }),
    });
    this.store.open(file);
  }

  async ask(key: string, value: string | null, over: string | null = null): Promise<string | null> {
    const question: ValueQuestion = {
      ...{ kind: "k", key, value: value === null ? null : Buffer.from(value) },
      over: over === null || over === "anything" ? over : Buffer.from(over),
    };
    return textOf(await this.store.answer(question));
  }
}

function textOf(answer: ValueAnswer): string | null {
  if (answer === undefined) return "not now";
  return answer === null ? null : Buffer.from(answer).toString();
}

describe("values that routers share", () => {
  const folder = mkdtempSync(join(tmpdir(), "echarde-values-"));
  after(() => rmSync(folder, { recursive: true }));

  for (const file of [null, join(folder, "changes.log")]) {
    test(`change only over what was seen (file: ${file !== null})`, async () => {
      const bench = new Bench(file);
      assert.equal(await bench.ask("a", null), null);
      assert.equal(await bench.ask("a", "1"), "1");
      assert.equal(await bench.ask("a", "2"), "1", "not over nothing");
      assert.equal(await bench.ask("a", "2", "0"), "1", "not over another");
      assert.equal(await bench.ask("a", "2", "1"), "2");
      assert.equal(await bench.ask("a", "3", "anything"), "3");
      assert.equal(await bench.ask("b", "x", "3"), null, "nothing stands there");
      const both = await Promise.all([bench.ask("c", "mine"), bench.ask("c", "yours")]);
      assert.deepEqual(both, ["mine", "mine"], "who comes first");
      bench.store.close();
    });
  }

  test("an answer that tells of a change finds it in the file, whole or not at all", async () => {
    const file = join(folder, "crash.log");
    const bench = new Bench(file);
    const sizes: number[] = [0];
    for (const value of ["one", "two", "three"]) {
      await bench.ask("a", value, "anything");
      sizes.push(statSync(file).size);
    }
    bench.store.close();
    const bytes = readFileSync(file);
    for (let length = 0; length <= bytes.length; length++) {
      const cut = join(folder, "cut.log");
      writeFileSync(cut, bytes.subarray(0, length));
      const again = new Bench(cut);
      const records = sizes.filter((size) => size <= length).length - 1;
      assert.equal(await again.ask("a", null), [null, "one", "two", "three"][records] ?? null);
      assert.equal(await again.ask("a", "more", "anything"), "more");
      again.store.close();
    }
  });

  test("those that nobody asks for are forgotten after a week, others are not", async () => {
    const file = join(folder, "week.log");
    const bench = new Bench(file);
    await bench.ask("idle", "i");
    await bench.ask("used", "u");
    bench.now += 5 * day;
    assert.equal(await bench.ask("used", null), "u");
    bench.store.close();
    const again = new Bench(file, undefined, bench.now + 3 * day);
    assert.equal(await again.ask("idle", null), null);
    assert.equal(await again.ask("used", null), "u");
    again.now += 8 * day;
    assert.equal(await again.ask("used", null), null);
    assert.equal(await again.ask("used", "new"), "new", "nothing stands");
    again.store.close();
  });

  test("of too many the longest unused go, in memory and in the file", async () => {
    const file = join(folder, "many.log");
    const bench = new Bench(file, 3);
    for (const key of ["a", "b", "c"]) {
      await bench.ask(key, key);
      bench.now += day / 4;
    }
    await bench.ask("a", null);
    await bench.ask("d", "d");
    const kept = async ({ store }: Bench): Promise<string[]> => {
      const found: string[] = [];
      for (const key of ["a", "b", "c", "d"]) {
        const question = { kind: "k", key, value: null, over: null };
        if ((await store.answer(question)) !== null) found.push(key);
      }
      return found;
    };
    assert.deepEqual(await kept(bench), ["a", "c", "d"]);
    bench.store.close();
    const again = new Bench(file, 3, bench.now);
    assert.deepEqual(await kept(again), ["a", "c", "d"]);
    again.store.close();
  });

  test("the file does not grow with what is no longer so", async () => {
    const file = join(folder, "long.log");
    const bench = new Bench(file);
    const large = "x".repeat(200_000);
    for (let i = 0; i < 30; i++) await bench.ask("a", `${i}${large}`, "anything");
    assert.ok(statSync(file).size < 3 << 20, `${statSync(file).size} bytes`);
    bench.store.close();
    const again = new Bench(file);
    assert.equal(await again.ask("a", null), `29${large}`);
    again.store.close();
  });

  test("while the file cannot be written nothing is answered; then all is there", async () => {
    const place = join(folder, "later");
    const file = join(place, "values.log");
    const bench = new Bench(file);
    assert.equal(await bench.ask("a", "1"), "not now", "the folder is not there");
    assert.equal(await bench.ask("a", null), "not now");
    mkdirSync(place);
    assert.equal(await bench.ask("a", null), "not now", "tried a moment ago");
    bench.now += 2_000;
    assert.equal(await bench.ask("b", "2"), "2");
    assert.deepEqual(bench.said, ["failing", "again"]);
    bench.store.close();
    const again = new Bench(file);
    assert.equal(await again.ask("b", null), "2");
    again.store.close();
  });

  test("records of another version are passed over", async () => {
    const file = join(folder, "other.log");
    const bench = new Bench(file);
    await bench.ask("a", "1");
    bench.store.close();
    const log = new AppendLog(file);
    log.append([Buffer.from([0x93, 0x63, 0xa1, 0x61, 0x01]), Buffer.from([0x01])]);
    log.close();
    const again = new Bench(file);
    assert.equal(await again.ask("a", null), "1");
    again.store.close();
  });
});
