/**
 * Cost of the wire layer alone: a chunk of 64 requests or replies, as a busy
 * pipelined connection gives it, walked in one go. Figures are for the whole
 * chunk; divide by 64. Fixtures are constant: no seed. Run: `pnpm bench`.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { KeyFinder } from "../src/commands/keys.ts";
import { CommandIndex } from "../src/commands/lookup.ts";
import { latin1 } from "../src/wire/ascii.ts";
import { ReplyScanner } from "../src/wire/reply-scanner.ts";
import { NEED, RequestReader } from "../src/wire/request-reader.ts";
import { encodeRequest } from "../src/wire/request-writer.ts";

const MANY = 64;
const index = new CommandIndex();

function repeat(one: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length * MANY);
  for (let i = 0; i < MANY; i++) all.set(one, i * one.length);
  return all;
}

const words = (...args: string[]): Uint8Array => encodeRequest(args.map(latin1));
const requests: [string, Uint8Array][] = [
  ["64 GET", repeat(words("GET", "user:1000:name"))],
  ["64 SET of 1 KiB", repeat(words("SET", "user:1000:name", "x".repeat(1024)))],
  ["64 MGET of 16", repeat(words("MGET", ...Array.from({ length: 16 }, (_, i) => `key:${i}`)))],
];

summary(() => {
  for (const [name, bytes] of requests) {
    const reader = new RequestReader();
    bench(`read ${name}`, () => {
      let at = 0;
      while (reader.read(bytes, at) !== NEED) at = reader.end;
      return do_not_optimize(at);
    });
    const finder = new KeyFinder();
    bench(`read, look up, find keys: ${name}`, () => {
      let at = 0;
      let keys = 0;
      while (reader.read(bytes, at) !== NEED) {
        const command = index.resolve(bytes, reader.argStart, reader.argEnd, reader.argc);
        if (command !== null) {
          finder.find(command, bytes, reader.argStart, reader.argEnd, reader.argc);
          keys += finder.count;
        }
        at = reader.end;
      }
      return do_not_optimize(keys);
    });
  }
});

const replies: [string, Uint8Array][] = [
  ["64 +OK", repeat(latin1("+OK\r\n"))],
  ["64 integers", repeat(latin1(":12345\r\n"))],
  ["64 bulks of 1 KiB", repeat(latin1(`$1024\r\n${"x".repeat(1024)}\r\n`))],
  ["64 arrays of 16", repeat(latin1(`*16\r\n${"$5\r\nvalue\r\n".repeat(16)}`))],
];

summary(() => {
  for (const [name, bytes] of replies) {
    const scanner = new ReplyScanner();
    bench(`scan ${name}`, () => {
      let at = 0;
      while (at < bytes.length) at = scanner.scan(bytes, at);
      return do_not_optimize(at);
    });
  }
});

await run();
