/**
 * Whole sessions of random bytes and of valid traffic with random changes,
 * over sockets and real servers. Each must end, with nothing but whole replies
 * before; nothing may be held afterwards, and a client beside them must go on
 * to have the right answers.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { encodeCommand, RespSplitter } from "@echarde/testkit/servers";
import fc from "fast-check";
import { startShards } from "./shards.ts";

const traffic = [
  ...[
    ["SET", "k", "value"],
    ["GET", "k"],
    ["MGET", "a", "b", "c"],
    ["MSET", "a", "1", "b", "2"],
  ],
  ...[["DEL", "a", "b"], ["PING"], ["HELLO", "3"], ["MULTI"], ["INCR", "n"], ["EXEC"], ["DBSIZE"]],
  ...[["HSET", "h", "f", "v"], ["SCAN", "0"], ["EXISTS", "a", "b"], ["SELECT", "1"], ["TIME"]],
].map((words) => encodeCommand(...words));

/** What one client sends. */
const session = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .record({
      commands: fc.array(fc.constantFrom(...traffic), { minLength: 1, maxLength: 20 }),
      changes: fc.array(fc.tuple(fc.nat(), fc.constantFrom("set", "cut", "double"), fc.nat(255)), {
        minLength: 1,
        maxLength: 6,
      }),
    })
    .map(({ commands, changes }) => {
      let bytes = Buffer.concat(commands);
      for (const [place, kind, byte] of changes) {
        const at = place % (bytes.length + 1);
        if (kind === "set" && at < bytes.length) bytes[at] = byte;
        else if (kind === "cut")
          bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (byte % 8))]);
        else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - byte))]);
      }
      return new Uint8Array(bytes);
    }),
);

/** Plays `runs` sessions from `seed`. */
export async function fuzzSessions(runs: number, seed: number): Promise<void> {
  const shards = await startShards({ timeouts: { request: "2s" } });
  const beside = await shards.connect();
  let turn = 0;
  try {
    await fc.assert(
      fc.asyncProperty(session, fc.integer({ min: 1, max: 400 }), async (bytes, cut) => {
        const socket = connect({ port: shards.port, host: "127.0.0.1" });
        socket.on("error", () => {}); // it may be reset while bytes are on their way
        const splitter = new RespSplitter();
        let received = 0;
        let whole = 0;
        socket.on("data", (chunk: Buffer) => {
          received += chunk.length;
          for (const reply of splitter.push(chunk)) whole += reply.length;
        });
        const closed = once(socket, "close", { signal: AbortSignal.timeout(30_000) });
        for (let at = 0; at < bytes.length; at += cut) socket.write(bytes.subarray(at, at + cut));
        socket.end();
        await closed;
        assert.equal(whole, received, "whole replies only");
        const token = `beside ${++turn}`;
        beside.send(encodeCommand("SET", "beside", token));
        beside.send(encodeCommand("GET", "beside"));
        assert.deepEqual((await beside.replies(2, 30_000)).map(String), [
          "+OK\r\n",
          `$${token.length}\r\n${token}\r\n`,
        ]);
      }),
      { numRuns: runs, seed },
    );
    await beside.close();
    const by = Date.now() + 20_000;
    const settled = (): boolean => {
      const { heldBytes, clients } = shards.router.stats();
      return heldBytes === 0 && clients === 0;
    };
    while (!settled() && Date.now() < by) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(settled(), JSON.stringify(shards.router.stats()));
  } finally {
    await shards.close();
  }
}
