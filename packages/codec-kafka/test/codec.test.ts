import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { generate } from "../scripts/generate-codec.ts";
import { readSpecs } from "../scripts/specs.ts";
import { apis } from "../src/generated/apis.ts";
import { Malformed, Reader } from "../src/wire/reader.ts";
import { Writer } from "../src/wire/writer.ts";
import { randomBody, randomOf } from "./spec-bytes.ts";

test("src/generated is what the specifications give", () => {
  const folder = new URL("../src/generated/", import.meta.url);
  const files = generate();
  assert.deepEqual(readdirSync(folder).sort(), [...files.keys()].sort());
  for (const [name, text] of files) {
    assert.ok(
      readFileSync(new URL(name, folder), "utf8") === text,
      `${name} is out of date: run pnpm generate`,
    );
  }
});

for (const spec of readSpecs().messages) {
  const api = apis.find(({ key }) => key === spec.apiKey);
  test(`${spec.name}: reads and writes every version, byte for byte`, () => {
    assert.ok(api !== undefined, "an API of the table");
    const [read, write] =
      spec.type === "request"
        ? [api.readRequest, api.writeRequest]
        : [api.readResponse, api.writeResponse];
    for (let version = api.min; version <= api.max; version++) {
      for (let seed = 0; seed < 40; seed++) {
        const bytes = randomBody(spec, version, randomOf(seed * 7919 + version));
        const reader = new Reader(bytes);
        const message = read(reader, version);
        reader.finish();
        const writer = new Writer();
        write(writer, message, version);
        assert.equal(writer.size, bytes.length, `size, version ${version}, seed ${seed}`);
        const again = Buffer.concat(writer.finish()).toString("hex");
        assert.equal(again, bytes.toString("hex"), `version ${version}, seed ${seed}`);
      }
    }
  });
  test(`${spec.name}: a message that is cut is malformed, and nothing worse`, () => {
    assert.ok(api !== undefined, "an API of the table");
    const read = spec.type === "request" ? api.readRequest : api.readResponse;
    const bytes = randomBody(spec, api.max, randomOf(5));
    for (let length = 0; length < Math.min(bytes.length, 200); length++) {
      assert.throws(() => {
        const reader = new Reader(bytes, 0, length);
        read(reader, api.max);
        if (reader.at === length) throw new Malformed("fewer bytes may be a whole message");
      }, Malformed);
    }
  });
}
