import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Outbox, recycle } from "./outbox.ts";

test("gives back what was added, whatever becomes of the memory it came from", () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200_000 })),
  );
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 4 }), (turns) => {
      const outbox = new Outbox();
      const memory = new Uint8Array(200_000);
      let next = 0;
      for (const turn of turns) {
        const expected: number[] = [];
        for (const size of turn) {
          next = (next + 1) & 255;
          const chunk = memory.subarray(0, size).fill(next);
          for (let i = 0; i < size; i++) expected.push(next);
          outbox.append(chunk);
          memory.fill(0);
        }
        assert.equal(outbox.empty, expected.length === 0);
        const chunks = outbox.take();
        assert.ok(outbox.empty);
        assert.ok(Buffer.concat(chunks).equals(Buffer.from(expected)));
        recycle(chunks);
      }
    }),
    { numRuns: 60 },
  );
});

test("a turn of small chunks is one write", () => {
  const outbox = new Outbox();
  for (let i = 0; i < 100; i++) outbox.append(new Uint8Array(100));
  assert.equal(outbox.take().length, 1);
});

test("pieces of a body need no new memory each, however large they are", () => {
  const outbox = new Outbox();
  const piece = new Uint8Array(300_000);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 1000; i++) {
    outbox.append(piece);
    recycle(outbox.take());
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 1 << 20, `${grown} bytes for 300 MB`);
});

test("many sockets that have little to write hold little memory", () => {
  const before = process.memoryUsage().arrayBuffers;
  const outboxes = Array.from({ length: 1000 }, () => new Outbox());
  for (const outbox of outboxes) outbox.append(new Uint8Array(10));
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 8 << 20, `${grown} bytes for 10,000`);
  for (const outbox of outboxes) assert.equal(outbox.take().length, 1);
});
