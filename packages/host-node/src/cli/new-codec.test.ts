import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { newCodec } from "./new-codec.ts";

describe("echarde new codec", () => {
  const home = process.cwd();
  let folder: string;
  let said: string[];
  const output = {
    out: (line: string) => said.push(line),
    err: (line: string) => said.push(line),
  };

  beforeEach(async () => {
    said = [];
    folder = await mkdtemp(join(tmpdir(), "echarde-new-"));
    process.chdir(folder);
  });

  afterEach(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
  });

  it("lays out a package, and says how to go on", async () => {
    assert.equal(await newCodec("my-lines", output), 0);
    assert.match(said.join("\n"), /^my-lines\/package.json\n(.*\n)+\ncd my-lines && npm install/);
    const codec = await readFile("my-lines/src/my-lines.ts", "utf8");
    assert.match(codec, /export const myLines: core.Codec = \{\n {2}name: "my-lines",/);
    const manifest = JSON.parse(await readFile("my-lines/package.json", "utf8"));
    assert.equal(manifest.dependencies["@echarde/core"], "^0.1.0");
  });

  it("changes nothing that is there", async () => {
    assert.equal(await newCodec("twice", output), 0);
    assert.equal(await newCodec("twice", output), 1);
    assert.equal(said.at(-1), "echarde: twice is there already");
  });

  it("takes a name that is one for a file, a package and a variable", async () => {
    for (const name of ["", "..", "Upper", "a/b", "1st", "a--b", "a-1"]) {
      assert.equal(await newCodec(name, output), 2, name);
    }
  });
});
