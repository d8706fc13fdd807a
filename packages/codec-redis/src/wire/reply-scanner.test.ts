import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import RedisParser from "redis-parser";
import { latin1, latin1Text } from "./ascii.ts";
import { errorText, isError, isNull, ReplyItem, readInteger, skipReply } from "./reply-reader.ts";
import { MAX_DEPTH, ReplyScanner } from "./reply-scanner.ts";

/** Frames with their kind, and how the stream ended: "" between frames, "piece"/"push-piece" inside one, or "garbage". */
function scanAll(bytes: Uint8Array, cuts: Iterable<number>): [string[], string] {
  const scanner = new ReplyScanner();
  const frames: string[] = [];
  let kept = "";
  let end = "";
  let done = 0;
  for (const cut of [...cuts, bytes.length]) {
    const chunk = bytes.subarray(done, cut);
    done = cut;
    let at = 0;
    while (at < chunk.length) {
      const next = scanner.scan(chunk, at);
      if (scanner.event === "garbage") return [frames, "garbage"];
      assert.ok(next > at);
      kept += latin1Text(chunk, at, next);
      at = next;
      if (scanner.event === "reply" || scanner.event === "push") {
        frames.push(`${scanner.event} ${kept}`);
        kept = "";
        end = "";
      } else {
        assert.equal(at, chunk.length);
        end = scanner.event;
      }
    }
  }
  return [frames, end];
}

const everyCut = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);

const replies = [
  ...["+OK", "+", "-ERR no", `+${"x".repeat(100)}`, ":0", ":-12", ":+5", ":9223372036854775807"],
  ...["$0\r\n", "$2\r\n\r\n", "$-1", "*-1", "*0", "$12\r\nhello\r\nworld"],
  ...["*2\r\n$1\r\na\r\n:1", "*3\r\n*0\r\n*1\r\n$-1\r\n+a", "*1\r\n*1\r\n*1\r\n*1\r\n:1"],
  ...["_", "#t", "#f", ",1.5", ",-inf", ",nan", ",1e+17", "(123456789012345678901234567890", "(-1"],
  ...[
    "!5\r\nERR x",
    "=8\r\ntxt:some",
    "%0",
    "%1\r\n+a\r\n:1",
    "~2\r\n:1\r\n_",
    "%2\r\n$1\r\na\r\n%1\r\n:1\r\n~0\r\n+b\r\n*-1",
  ],
  ...[
    "|1\r\n+ttl\r\n:3600\r\n:5",
    "|0\r\n+a",
    "*2\r\n|1\r\n+a\r\n*1\r\n:2\r\n:1\r\n:2",
    "|1\r\n+a\r\n|1\r\n+b\r\n:1\r\n+c\r\n:9",
  ],
].map((text) => `${text}\r\n`);
const pushes = [">2\r\n+a\r\n:1\r\n", ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n"];

for (const text of [...replies, ...pushes]) {
  test(`reply ${JSON.stringify(text.slice(0, 50))}`, () => {
    const kind = pushes.includes(text) ? "push" : "reply";
    const bytes = latin1(text);
    assert.deepEqual(scanAll(bytes, []), [[`${kind} ${text}`], ""]);
    assert.deepEqual(scanAll(bytes, everyCut(bytes.length - 1)), [[`${kind} ${text}`], ""]);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.deepEqual(scanAll(bytes, [cut]), [[`${kind} ${text}`], ""]);
      assert.deepEqual(scanAll(bytes.subarray(0, cut), []), [
        [],
        kind === "push" ? "push-piece" : "piece",
      ]);
    }
    assert.deepEqual(scanAll(latin1(`${text}+OK\r\n`), []), [
      [`${kind} ${text}`, "reply +OK\r\n"],
      "",
    ]);
    assert.equal(skipReply(latin1(`${text}+OK\r\n`)), text.length);
  });
}

const garbage = [
  ...[
    "x",
    "\r\n",
    "+a\rb",
    ":",
    ":a",
    ":1a",
    ":--1",
    "$",
    "$a",
    "$01\r\na",
    "$-2",
    "$--1",
    "$1-",
    "$1\r\nabc\r\n",
    "$1\r\na\rx",
    "$1\r\nax\n",
  ],
  ...[
    "*-2",
    "*a",
    "*4294967296",
    "*01",
    "%-1",
    "~-1",
    ">-1",
    "=-1",
    "!-1",
    "|-1",
    "$1\rXa",
    "*1\r:",
  ],
  ...["_1", "#", "#x", "#tt", ",", ", 1", "(", "(1.5", "$?\r\n;4\r\n", "*?", ".", ";4\r\nabcd"],
  ...[
    "*1\r\n>0",
    "|0\r\n>0",
    "|1\r\n+a\r\n>0",
    `$${"1".repeat(16)}`,
    `:${"1".repeat(21)}`,
    "$00\r\n",
    "$-01",
    "$-10",
  ],
  "GET / HTTP/1.1",
];
for (const text of garbage) {
  test(`garbage ${JSON.stringify(text)}`, () => {
    const bytes = latin1(`+OK\r\n${text}\r\n`);
    assert.deepEqual(scanAll(bytes, []), [["reply +OK\r\n"], "garbage"]);
    assert.deepEqual(scanAll(bytes, everyCut(bytes.length - 1)), [["reply +OK\r\n"], "garbage"]);
    const scanner = new ReplyScanner();
    let at = 5;
    while (scanner.event !== "garbage") at = scanner.scan(bytes, at);
    scanner.scan(bytes, 0);
    assert.equal(scanner.event, "garbage", "stays so");
  });
}

test("depth is bounded and costs no stack", () => {
  const nested = (depth: number): Uint8Array => latin1(`${"*1\r\n".repeat(depth)}:1\r\n`);
  assert.equal(
    scanAll(nested(MAX_DEPTH - 1), [])
      .toString()
      .startsWith("reply"),
    true,
  );
  assert.deepEqual(scanAll(nested(MAX_DEPTH), []), [[], "garbage"]);
  assert.equal(skipReply(nested(100_000)), 400_004);
});

const reply2: fc.Memo<string> = fc.memo((depth) => {
  const leaf = fc.oneof(
    fc.stringMatching(/^[ -~]{0,40}$/).map((text) => `+${text}\r\n`),
    fc.stringMatching(/^[ -~]{0,40}$/).map((text) => `-${text}\r\n`),
    fc.integer().map((value) => `:${value}\r\n`),
    fc
      .uint8Array({ maxLength: 50 })
      .map((b) => `$${b.length}\r\n${latin1Text(b, 0, b.length)}\r\n`),
    fc.constantFrom("$-1\r\n", "*-1\r\n", "*0\r\n"),
  );
  if (depth <= 1) return leaf;
  const array = fc
    .array(reply2(depth - 1), { maxLength: 5 })
    .map((i) => `*${i.length}\r\n${i.join("")}`);
  return fc.oneof(leaf, array);
});

test("property: redis-parser sees the same replies", () => {
  fc.assert(
    fc.property(
      fc.array(reply2(4), { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(600), { maxLength: 12 }),
      (texts, cuts) => {
        const bytes = latin1(texts.join(""));
        const sorted = cuts.filter((c) => c < bytes.length).sort((a, b) => a - b);
        const [frames, end] = scanAll(bytes, sorted);
        assert.equal(end, "");
        assert.deepEqual(
          frames,
          texts.map((text) => `reply ${text}`),
        );
        const theirs: unknown[] = [];
        const take = (value: unknown): number => theirs.push(value);
        new RedisParser({
          returnReply: take,
          returnError: take,
          returnFatalError: take,
          returnBuffers: true,
        }).execute(Buffer.from(bytes));
        assert.deepEqual(
          texts.map((text) => decode(latin1(text))),
          theirs.map(theirForm),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("property: garbage ends or waits, the same in any cut", () => {
  const piece = fc.constantFrom(
    ..."+-:$*_#,(!=%~|>0123\r\nabt".split(""),
    "\r\n",
    "\r\n",
    "\r\n",
    "*2\r\n",
    ":1\r\n",
    "$1\r\na\r\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const bytes = latin1(pieces.join(""));
      assert.deepEqual(scanAll(bytes, everyCut(Math.max(0, bytes.length - 1))), scanAll(bytes, []));
    }),
    { numRuns: 3000 },
  );
});

/** A value of a frame in a neutral form, through ReplyItem. */
function decode(frame: Uint8Array): unknown {
  const item = new ReplyItem();
  const read = (at: number): [unknown, number] => {
    const next = item.open(frame, at);
    assert.equal(item.isNull, isNull(frame, at));
    if (item.isNull) return [null, next];
    if (isError(frame, at)) return [{ error: errorText(frame, at) }, next];
    const text = latin1Text(frame, item.from, item.to);
    if (item.type === 58) return [readInteger(frame, at), next];
    if (item.type !== 42) return [text, next];
    const values: unknown[] = [];
    let inner = next;
    for (let left = item.count; left > 0; left--) {
      const [value, after] = read(inner);
      assert.equal(after, skipReply(frame, inner));
      values.push(value);
      inner = after;
    }
    return [values, inner];
  };
  const [value, end] = read(0);
  assert.equal(end, frame.length);
  return value;
}

function theirForm(value: unknown): unknown {
  if (value instanceof Error) return { error: value.message };
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  return Array.isArray(value) ? value.map(theirForm) : value;
}

test("looking into RESP3", () => {
  const item = new ReplyItem();
  const open = (text: string): string => {
    const frame = latin1(text);
    const next = item.open(frame);
    return `${String.fromCharCode(item.type)} ${item.count} ${item.isNull} ${JSON.stringify(latin1Text(frame, item.from, item.to))} ${next}`;
  };
  assert.equal(open("_\r\n"), '_ 0 true "" 3');
  assert.equal(open("%2\r\n:1\r\n:2\r\n:3\r\n:4\r\n"), '% 4 false "" 4');
  assert.equal(open("|1\r\n+a\r\n*1\r\n:1\r\n$2\r\nhi\r\n"), '$ 0 false "hi" 24');
  assert.equal(open("=8\r\ntxt:some\r\n"), '= 0 false "txt:some" 14');
  assert.equal(open(",1.5\r\n"), ', 0 false "1.5" 6');
  assert.equal(errorText(latin1("!5\r\nERR x\r\n")), "ERR x");
  assert.equal(errorText(latin1("-ERR y\r\n")), "ERR y");
  assert.equal(errorText(latin1("+OK\r\n")), "");
  assert.ok(Number.isNaN(readInteger(latin1("+1\r\n"))));
  assert.equal(readInteger(latin1("x:42\r\n"), 1), 42);
});
