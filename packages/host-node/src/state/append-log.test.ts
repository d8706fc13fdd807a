import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { AppendLog } from "./append-log.ts";

describe("a file of records", () => {
  const folder = mkdtempSync(join(tmpdir(), "echarde-log-"));
  after(() => rmSync(folder, { recursive: true }));
  const texts = (log: AppendLog): string[] =>
    log.read().map((each) => Buffer.from(each).toString());
  const bytes = (...all: string[]): Uint8Array[] => all.map((each) => Buffer.from(each));

  test("has what was added, in order, when it is opened again", () => {
    const path = join(folder, "again");
    const log = new AppendLog(path);
    assert.deepEqual(texts(log), []);
    log.append(bytes("one", ""));
    log.append(bytes("two"));
    log.close();
    const next = new AppendLog(path);
    assert.deepEqual(texts(next), ["one", "", "two"]);
    next.append(bytes("three"));
    assert.deepEqual(texts(next), ["one", "", "two", "three"]);
    next.close();
  });

  test("loses no more than the record that was cut, wherever it was", () => {
    const whole = join(folder, "whole");
    const log = new AppendLog(whole);
    log.append(bytes("first", "second"));
    log.close();
    const all = readFileSync(whole);
    for (let length = 0; length <= all.length; length++) {
      const path = join(folder, "cut");
      writeFileSync(path, all.subarray(0, length));
      const cut = new AppendLog(path);
      const kept = length < 13 ? [] : length < all.length ? ["first"] : ["first", "second"];
      assert.deepEqual(texts(cut), kept, `${length} bytes`);
      cut.append(bytes("later"));
      assert.deepEqual(texts(cut), [...kept, "later"], `${length} bytes, and more`);
      cut.close();
    }
  });

  test("a record that is not what was written ends it", () => {
    const path = join(folder, "changed");
    const log = new AppendLog(path);
    log.append(bytes("first", "second"));
    log.close();
    const all = readFileSync(path);
    all[all.length - 1] = 0;
    writeFileSync(path, all);
    appendFileSync(path, Buffer.alloc(9));
    const again = new AppendLog(path);
    assert.deepEqual(texts(again), ["first"]);
    again.close();
  });

  test("is written anew when it has become long", () => {
    const path = join(folder, "long");
    const log = new AppendLog(path);
    const large = new Uint8Array(300_000).fill(7);
    while (!log.isLong) log.append([large]);
    log.rewrite(bytes("all that counts"));
    assert.equal(log.isLong, false);
    log.append(bytes("and more"));
    assert.deepEqual(texts(log), ["all that counts", "and more"]);
    log.close();
  });
});
