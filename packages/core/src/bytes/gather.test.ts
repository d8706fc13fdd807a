import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Endpoint } from "../peer.ts";
import { smallPiece } from "./gather.ts";
import { join } from "./join.ts";

class Peer extends Endpoint {
  readonly kind = "client";
  readonly key = "client 1";
  readonly cluster = "";
}

const piece = fc.record({
  to: fc.nat({ max: 2 }),
  source: fc.nat({ max: 2 }),
  from: fc.nat({ max: 300 }),
  length: fc.integer({ min: 1, max: 3 * smallPiece }),
  taken: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
});

test("every peer gets its bytes in order, however pieces lie, and views taken stay as they are", () => {
  const sources = [1, 2, 3].map((n) => Uint8Array.from({ length: 600 }, (_, i) => (i * n) & 255));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
      const peers = [1, 2, 3].map(() => new Peer({ touch: () => undefined }));
      const expected: number[][] = [[], [], []];
      const taken: Uint8Array[][] = [[], [], []];
      for (const { to, source, from, length, taken: take } of pieces) {
        const bytes = sources[source] as Uint8Array;
        peers[to]?.sendView(bytes, from, from + length);
        expected[to]?.push(...bytes.subarray(from, from + length));
        if (take) taken[to]?.push(...(peers[to]?.take().write ?? []));
      }
      peers.forEach((peer, i) => {
        const all = [...(taken[i] ?? []), ...peer.take().write];
        assert.deepEqual([...join(all)], expected[i]);
      });
    }),
  );
});

test("small pieces that lie apart leave as one", () => {
  const peer = new Peer({ touch: () => undefined });
  for (const text of ["+OK\r\n", ":1\r\n", "$-1\r\n"]) {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    peer.sendView(bytes, 0, bytes.length);
  }
  const { write } = peer.take();
  assert.equal(write.length, 1);
  assert.equal(String.fromCharCode(...(write[0] as Uint8Array)), "+OK\r\n:1\r\n$-1\r\n");
});

test("large pieces stay views of what came", () => {
  const peer = new Peer({ touch: () => undefined });
  const chunks = [new Uint8Array(smallPiece + 1), new Uint8Array(smallPiece + 1)];
  for (const chunk of chunks) peer.sendView(chunk, 0, chunk.length);
  assert.deepEqual(
    peer.take().write.map(({ buffer }) => buffer),
    chunks.map(({ buffer }) => buffer),
  );
});
