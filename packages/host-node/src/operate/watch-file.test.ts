import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type FileWatch, watchFile } from "./watch-file.ts";

const dir = mkdtempSync(join(tmpdir(), "echarde-watch-"));
const watches: FileWatch[] = [];
after(() => {
  for (const watch of watches) watch.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Counts calls for a file of a folder of its own. */
function watched(
  name: string,
  look = 60_000,
): { folder: string; file: string; calls: () => number; watch: () => void } {
  const folder = join(dir, name);
  mkdirSync(folder);
  const file = join(folder, "c.yaml");
  let calls = 0;
  const watch = (): void => {
    watches.push(watchFile(file, () => calls++, { rest: 20, look }));
  };
  return { folder, file, calls: () => calls, watch };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const by = Date.now() + 3_000;
  while (!holds() && Date.now() < by) await sleep(2);
  assert.ok(holds(), what);
}

describe("watchFile", () => {
  test("tells of a write in place, once for writes that come together", async () => {
    const { file, calls, watch } = watched("place");
    writeFileSync(file, "a");
    watch();
    for (const text of ["b", "c", "d"]) writeFileSync(file, text);
    await until("a call", () => calls() > 0);
    await sleep(100);
    assert.equal(calls(), 1);
    writeFileSync(file, "e");
    await until("another", () => calls() === 2);
  });

  test("tells of a file that takes the place of another, again and again", async () => {
    const { folder, file, calls, watch } = watched("rename");
    writeFileSync(file, "a");
    watch();
    for (let i = 1; i <= 3; i++) {
      writeFileSync(join(folder, ".c.yaml.swp"), String(i));
      renameSync(join(folder, ".c.yaml.swp"), file);
      await until(`call ${i}`, () => calls() >= i);
      await sleep(60);
    }
  });

  test("tells of a config map: the link to the folder behind the file's link is replaced", async () => {
    const { folder, file, calls, watch } = watched("map");
    const version = (i: number): void => {
      mkdirSync(join(folder, `..v${i}`));
      writeFileSync(join(folder, `..v${i}`, "c.yaml"), String(i));
      symlinkSync(`..v${i}`, join(folder, "..data_tmp"));
      renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
      if (i > 0) rmSync(join(folder, `..v${i - 1}`), { recursive: true });
    };
    version(0);
    symlinkSync("..data/c.yaml", file);
    watch();
    for (let i = 1; i <= 3; i++) {
      version(i);
      await until(`call ${i}`, () => calls() >= i);
      await sleep(60);
    }
  });

  test("follows a link into another folder", async () => {
    const { folder, file, calls, watch } = watched("elsewhere");
    mkdirSync(join(folder, "real"));
    const real = join(folder, "real", "c.yaml");
    writeFileSync(real, "a");
    symlinkSync(real, file);
    watch();
    writeFileSync(real, "b");
    await until("a call", () => calls() > 0);
  });

  test("looks now and then where the system tells nothing", async () => {
    const { folder, file, calls } = watched("silent");
    rmSync(folder, { recursive: true });
    watches.push(watchFile(file, () => made++, { rest: 20, look: 50 }));
    let made = 0;
    mkdirSync(folder);
    writeFileSync(file, "a");
    await until("a call", () => made > 0);
    assert.equal(calls(), 0);
  });

  test("is not put off for ever by events that never cease", async () => {
    const { folder, file, calls, watch } = watched("busy");
    writeFileSync(file, "a");
    watch();
    const by = Date.now() + 800;
    while (Date.now() < by && calls() === 0) {
      writeFileSync(join(folder, "log"), String(Math.random()));
      await sleep(5);
    }
    assert.ok(calls() > 0);
  });
});
