import assert from "node:assert/strict";
import { test } from "node:test";
import { producerIdOf, withProducerId } from "../src/wire/batch.ts";
import { crc32c, patchedCrc32c } from "../src/wire/crc32c.ts";
import { randomOf } from "./spec-bytes.ts";

/** A batch whose records are arbitrary bytes: nobody reads them. */
function batch(producerId: bigint, size: number, random: () => number): Buffer {
  const bytes = Buffer.from(Array.from({ length: 61 + size }, () => Math.floor(random() * 256)));
  bytes.writeInt32BE(49 + size, 8);
  bytes[16] = 2;
  bytes.writeBigInt64BE(producerId, 43);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

test("CRC-32C gives the value of RFC 3720 for 32 zero bytes, and of 123456789", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
});

test("a patched CRC is the one of the changed bytes", () => {
  const random = randomOf(1);
  for (let turn = 0; turn < 500; turn++) {
    const old = Buffer.from(
      Array.from({ length: 30 + turn * 3 }, () => Math.floor(random() * 256)),
    );
    const changed = Buffer.from(old);
    for (let i = 8; i < 16; i++) changed[i] = Math.floor(random() * 256);
    const difference = old.subarray(8, 16).map((byte, i) => byte ^ (changed[8 + i] as number));
    const patched = patchedCrc32c(crc32c(old), difference, old.length - 16);
    assert.equal(patched, crc32c(changed), `turn ${turn}`);
  }
});

test("a patched CRC holds whatever the digits of the length behind the change", () => {
  for (const behind of [255, 256, 257, 0x10000, 0x10001, 0x1020304]) {
    const old = new Uint8Array(8 + behind).fill(7);
    const changed = old.slice();
    changed.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const difference = old.subarray(0, 8).map((byte, i) => byte ^ (changed[i] as number));
    assert.equal(patchedCrc32c(crc32c(old), difference, behind), crc32c(changed), `${behind}`);
  }
});

test("another producer id leaves everything else, and a CRC that holds", () => {
  const random = randomOf(2);
  for (const size of [0, 1, 100, 246, 247, 5000, 70_000]) {
    const records = Buffer.concat([batch(7n, size, random), batch(7n, 3, random)]);
    const pieces = withProducerId(records, 123456789012n);
    assert.ok(pieces !== null, "two batches");
    const changed = Buffer.concat(pieces);
    assert.equal(producerIdOf(changed), 123456789012n);
    const first = changed.subarray(0, 61 + size);
    assert.equal(first.readUInt32BE(17), crc32c(first, 21));
    const back = withProducerId(changed, 7n);
    assert.ok(back !== null, "the way back");
    assert.equal(Buffer.concat(back).toString("hex"), records.toString("hex"));
  }
});

test("batches without a producer id stay as they are; lengths that do not fit are refused", () => {
  const random = randomOf(3);
  const plain = batch(-1n, 10, random);
  assert.deepEqual(withProducerId(plain, 5n), [plain.subarray(0)]);
  assert.equal(producerIdOf(plain), -1n);
  assert.equal(withProducerId(batch(1n, 10, random).subarray(0, 65), 5n), null);
});
