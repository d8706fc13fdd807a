import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1 } from "./ascii.ts";
import { readPlain } from "./plain-request.ts";
import { REQUEST, RequestReader } from "./request-reader.ts";

const text = fc.oneof(
  fc.constantFrom("", "0", "SET", "$1\r\n", "*1\r\n"),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) }),
);

function resp(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join("")}`;
}

test("reads what the careful way reads, or leaves it to that", () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 20 }),
      fc.nat({ max: 30 }),
      fc.option(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))),
      (args, before, change) => {
        const bytes = latin1(`${"x".repeat(before)}${resp(args)}+behind`);
        if (change !== null) {
          const at = before + 1 + (change[0] % (bytes.length - before - 1));
          bytes[at] = change[1];
        }
        const start = new Int32Array(16);
        const end = new Int32Array(16);
        const argc = readPlain(bytes, before, 1_000, start, end);
        if (change === null && args.length <= 16) assert.equal(argc, args.length);
        if (argc === 0) return;
        // a reader that has seen the first byte alone takes the careful way
        const careful = new RequestReader();
        careful.read(bytes.subarray(0, before + 1), before);
        assert.equal(careful.read(bytes, before), REQUEST);
        assert.equal(careful.exact, true);
        assert.equal(careful.argc, argc);
        assert.deepEqual(start.slice(0, argc), careful.argStart.slice(0, argc));
        assert.deepEqual(end.slice(0, argc), careful.argEnd.slice(0, argc));
        assert.equal(careful.end, (end[argc - 1] as number) + 2);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("leaves to the careful way what is too long, too much, or not all there", () => {
  const start = new Int32Array(2);
  const end = new Int32Array(2);
  const read = (request: string): number => readPlain(latin1(request), 0, 3, start, end);
  assert.equal(read(resp(["GET", "abc"])), 2);
  assert.equal(read(resp(["GET", "abcd"])), 0, "longer than a client may send");
  assert.equal(read(resp(["SET", "a", "b"])), 0, "more arguments than there is room for");
  assert.equal(read(resp(["GET", "abc"]).slice(0, -1)), 0, "its end is not there");
  assert.equal(read("*1\r\n$03\r\nGET\r\n"), 0, "a length with a leading zero");
  assert.equal(read("*0\r\n"), 0, "nothing is asked");
  assert.equal(read("*1\r\n$-1\r\n"), 0, "a negative length");
});
