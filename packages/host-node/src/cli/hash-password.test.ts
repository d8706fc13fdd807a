import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { matches, parseHash } from "../security/password-hash.ts";
import { hashLine } from "./hash-password.ts";

async function hash(...chunks: readonly string[]): Promise<{ code: number; out: string[] }> {
  const out: string[] = [];
  const output = { out: (line: string) => out.push(line), err: () => {} };
  return { code: await hashLine(output, Readable.from(chunks)), out };
}

test("echarde hash prints what `auth` takes, with another salt each time", async () => {
  const [one, two] = await Promise.all([hash("pa", "ss\nmore"), hash("pass")]);
  assert.deepEqual([one.code, two.code], [0, 0]);
  assert.notEqual(one.out[0], two.out[0]);
  for (const { out } of [one, two]) {
    const read = parseHash(out[0] ?? "");
    assert.ok(read);
    assert.equal(await matches(read, Buffer.from("pass")), true);
    assert.equal(await matches(read, Buffer.from("pass ")), false);
  }
});

test("echarde hash wants a password", async () => {
  for (const chunks of [[], ["\n"], ["abc\x03"]]) {
    assert.deepEqual(await hash(...chunks), { code: 2, out: [] });
  }
});

test("hashes are read as they are written elsewhere", async () => {
  const known = parseHash("#5E884898DA28047151D0E56F8DC6292773603D0D6AABBDD62A11EF721D1542D8");
  assert.ok(known);
  assert.equal(await matches(known, Buffer.from("password")), true);
  // Made with hashlib.scrypt of Python.
  const other = parseHash(
    "$scrypt$ln=14,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$GM/8plVTNY2Jr5+H+TMEUW0SMD0/pCcA0XgAgW7i7jw",
  );
  assert.ok(other);
  assert.equal(await matches(other, Buffer.from("password")), true);
  for (const bad of [
    "",
    "#",
    "#12",
    "password",
    "$scrypt$ln=9,r=8,p=1$AAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
  ]) {
    assert.equal(parseHash(bad), null, bad);
  }
});
