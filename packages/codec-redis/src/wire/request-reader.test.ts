import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latin1, latin1Text, parseInteger } from "./ascii.ts";
import { EMPTY, ERROR, HEAD, NEED, REQUEST, RequestReader } from "./request-reader.ts";
import { bulkStart, encodeArguments, encodeRequest, requestHeader } from "./request-writer.ts";

interface Seen {
  args: string[][];
  error: string | null;
  exact: boolean[];
  inline: boolean[];
}

/** What a reader sees in a stream that grows by the given cuts. `drop` removes consumed bytes as a host would. */
function readAll(bytes: Uint8Array, cuts: Iterable<number>, drop: boolean, make = plain): Seen {
  const reader = make();
  const seen: Seen = { args: [], error: null, exact: [], inline: [] };
  let base = 0;
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    if (drop) {
      base += from;
      from = 0;
    }
    // Another offset in another buffer each time: offsets must follow.
    const shift = drop ? cut % 7 : 0;
    const view = new Uint8Array(shift + cut - base);
    view.set(bytes.subarray(base, cut), shift);
    let at = from + shift;
    for (;;) {
      const status = reader.read(view, at);
      if (status === NEED || status === HEAD) {
        assert.ok(reader.need > view.length - at, "need asks for more than there is");
        break;
      }
      if (status === ERROR) {
        seen.error = reader.error;
        assert.equal(reader.read(view, at), ERROR);
        return seen;
      }
      if (status === REQUEST) {
        const source = reader.source(view);
        const args: string[] = [];
        for (let i = 0; i < reader.argc; i++) {
          args.push(latin1Text(source, reader.argStart[i] as number, reader.argEnd[i] as number));
        }
        seen.args.push(args);
        seen.exact.push(reader.exact);
        seen.inline.push(reader.inline);
      }
      assert.ok(reader.end > at);
      at = reader.end;
    }
    from = at - shift;
  }
  return seen;
}

function plain(): RequestReader {
  return new RequestReader();
}

function strangers(): RequestReader {
  const reader = new RequestReader();
  reader.unauthenticated = true;
  return reader;
}

function everyCut(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1);
}

const P = "Protocol error: ";
const vectors: { name: string; text: string; args: string[][]; error?: string; inexact?: true }[] =
  [
    { name: "one request", text: "*2\r\n$3\r\nGET\r\n$1\r\na\r\n", args: [["GET", "a"]] },
    { name: "empty argument", text: "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", args: [["ECHO", ""]] },
    {
      name: "payload with line ends and NUL",
      text: "*1\r\n$6\r\n\r\n\0*1\r\r\n",
      args: [["\r\n\0*1\r"]],
    },
    { name: "pipelined", text: "*1\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", args: [["a"], ["b"]] },
    {
      name: "nothing asked",
      text: "*0\r\n*-1\r\n*-99\r\n\r\n\n  \t\r\n*1\r\n$1\r\na\r\n",
      args: [["a"]],
    },
    {
      name: "inline",
      text: "SET a 1\r\nGET a\n",
      args: [
        ["SET", "a", "1"],
        ["GET", "a"],
      ],
    },
    {
      name: "inline mixed with arrays",
      text: "PING\r\n*1\r\n$4\r\nPING\r\nPING\n",
      args: [["PING"], ["PING"], ["PING"]],
    },
    {
      name: "double quotes",
      text: 'a "b c" "\\x41\\x0a" "\\n\\r\\t\\b\\a" "\\"\\\\\\q\\xzz" ""\r\n',
      args: [["a", "b c", "A\n", "\n\r\t\b\x07", '"\\qxzz', ""]],
    },
    {
      name: "single quotes",
      text: "a 'b c' 'it\\'s' '\\n\\x41' ''\n",
      args: [["a", "b c", "it's", "\\n\\x41", ""]],
    },
    { name: "quote inside a word", text: 'ab"c d" e\n', args: [["abc d", "e"]] },
    {
      name: "vertical tab only separates between words",
      text: "a\vb \v c\n",
      args: [["a\vb", "c"]],
    },
    { name: "unbalanced", text: 'a "b\r\n', args: [], error: `${P}unbalanced quotes in request` },
    {
      name: "unbalanced single",
      text: "a 'b\r\n",
      args: [],
      error: `${P}unbalanced quotes in request`,
    },
    {
      name: "text behind a quote",
      text: 'a "b"c\r\n',
      args: [],
      error: `${P}unbalanced quotes in request`,
    },
    {
      name: "quote escaped at the end",
      text: 'a "b\\"\r\n',
      args: [],
      error: `${P}unbalanced quotes in request`,
    },
    { name: "count with sign", text: "*+1\r\n", args: [], error: `${P}invalid multibulk length` },
    { name: "count with zero", text: "*01\r\n", args: [], error: `${P}invalid multibulk length` },
    { name: "count with space", text: "* 1\r\n", args: [], error: `${P}invalid multibulk length` },
    { name: "no count", text: "*\r\n", args: [], error: `${P}invalid multibulk length` },
    { name: "count -0", text: "*-0\r\n", args: [], error: `${P}invalid multibulk length` },
    {
      name: "count too large",
      text: "*2147483648\r\n",
      args: [],
      error: `${P}invalid multibulk length`,
    },
    {
      name: "count below 64 bits",
      text: "*-9223372036854775809\r\n",
      args: [],
      error: `${P}invalid multibulk length`,
    },
    { name: "smallest count", text: "*-9223372036854775808\r\n", args: [] },
    { name: "length with sign", text: "*1\r\n$+1\r\n", args: [], error: `${P}invalid bulk length` },
    { name: "length with zero", text: "*1\r\n$01\r\n", args: [], error: `${P}invalid bulk length` },
    { name: "length 00", text: "*1\r\n$00\r\n", args: [], error: `${P}invalid bulk length` },
    { name: "negative length", text: "*1\r\n$-1\r\n", args: [], error: `${P}invalid bulk length` },
    { name: "no length", text: "*1\r\n$\r\n", args: [], error: `${P}invalid bulk length` },
    {
      name: "length too large",
      text: "*1\r\n$536870913\r\n",
      args: [],
      error: `${P}invalid bulk length`,
    },
    { name: "no dollar", text: "*1\r\n!1\r\n", args: [], error: `${P}expected '$', got '!'` },
    { name: "empty header", text: "*1\r\n\r\n", args: [], error: `${P}expected '$', got ' '` },
    {
      name: "line feed alone",
      text: "*1\n$1\r\n",
      args: [],
      error: `${P}invalid multibulk length`,
    },
    {
      name: "line end of an argument is not looked at",
      text: "*2\r\n$1\r\naXY$1\r\nbZZ",
      args: [["a", "b"]],
      inexact: true,
    },
    { name: "byte behind the count's CR", text: "*1\rX$1\r\na\r\n", args: [["a"]], inexact: true },
    { name: "byte behind a length's CR", text: "*1\r\n$1\rXa\r\n", args: [["a"]], inexact: true },
    { name: "one byte of a line end", text: "*1\r\n$1\r\naX\n", args: [["a"]], inexact: true },
    {
      name: "byte behind a CR is not looked at",
      text: "*1\rX$1\rYa\r\n",
      args: [["a"]],
      inexact: true,
    },
    { name: "another protocol", text: "POST / HTTP/1.1\r\n", args: [], error: "" },
    { name: "another protocol's header", text: "hOsT: x\r\n", args: [], error: "" },
    { name: "another protocol in an array", text: "*1\r\n$4\r\npost\r\n", args: [], error: "" },
    {
      name: "behind good ones",
      text: "PING\r\n*1\r\n$1\r\na\r\n*x\r\n",
      args: [["PING"], ["a"]],
      error: `${P}invalid multibulk length`,
    },
  ];

for (const { name, text, args, error, inexact } of vectors) {
  test(`request: ${name}`, () => {
    const bytes = latin1(text);
    const whole = readAll(bytes, [], false);
    assert.deepEqual(whole.args, args);
    assert.equal(whole.error, error ?? null);
    for (const [i, exact] of whole.exact.entries()) {
      assert.equal(exact, !inexact && !whole.inline[i]);
    }
    for (const drop of [false, true]) {
      assert.deepEqual(readAll(bytes, everyCut(bytes.length - 1), drop), whole);
      for (let cut = 1; cut < bytes.length; cut++) {
        assert.deepEqual(readAll(bytes, [cut], drop), whole);
      }
    }
    if (error === undefined) {
      const more = readAll(latin1(`${text}PING\r\n`), [], false);
      assert.deepEqual(more.args, [...args, ["PING"]]);
    }
  });
}

test("lines are limited at 64 KiB, whatever the cut", () => {
  const long = "x".repeat(65537);
  for (const [head, words] of [
    ["", "too big inline request"],
    ["*", "too big mbulk count string"],
    ["*1\r\n", "too big bulk count string"],
  ]) {
    const bytes = latin1(`${head}${long}\r\n`);
    for (const cuts of [[], [70], [65535, 65536, 65537, 65538, 65540]]) {
      assert.equal(
        readAll(
          bytes,
          cuts.filter((c) => c < bytes.length),
          false,
        ).error,
        P + words,
      );
    }
  }
  const most = latin1(`${long.slice(1)}\n`);
  assert.deepEqual(readAll(most, [], false).args, [[long.slice(1)]]);
  // Redis looks for the end of a line as in a C string: behind a NUL there is none.
  assert.equal(readAll(latin1(`a\0\n${long}`), [], false).error, `${P}too big inline request`);
  assert.deepEqual(readAll(latin1("a\0\nPING\r\n"), [], false).args, []);
});

test("strangers are limited", () => {
  const eleven = encodeRequest(Array.from({ length: 11 }, () => latin1("a")));
  assert.equal(readAll(eleven, [], false, strangers).error, `${P}unauthenticated multibulk length`);
  assert.equal(readAll(eleven, [], false).args.length, 1);
  const large = encodeRequest([new Uint8Array(16385)]);
  assert.equal(readAll(large, [], false, strangers).error, `${P}unauthenticated bulk length`);
  assert.equal(
    readAll(large, everyCut(20), false, strangers).error,
    `${P}unauthenticated bulk length`,
  );
  assert.equal(
    readAll(encodeRequest([new Uint8Array(16384)]), [], false, strangers).args.length,
    1,
  );
});

test("a large value costs as many steps as chunks", () => {
  const bytes = encodeRequest([latin1("SET"), latin1("k"), new Uint8Array(1_000_000)]);
  const reader = new RequestReader({ maxArgs: 10, maxBulk: 1e9, cutThrough: Infinity });
  const began = performance.now();
  let status: number = NEED;
  for (let size = 1; size <= bytes.length; size++) status = reader.read(bytes.subarray(0, size), 0);
  assert.equal(status, REQUEST);
  assert.ok(performance.now() - began < 2000);
});

test("need names the byte that ends a known argument", () => {
  const bytes = encodeRequest([latin1("SET"), latin1("k"), new Uint8Array(1000)]);
  const reader = new RequestReader();
  assert.equal(reader.read(bytes.subarray(0, 40), 0), NEED);
  assert.equal(reader.need, bytes.length);
  assert.equal(reader.argsRead, 2);
  assert.equal(reader.pending, 1000);
});

test("a large request is handed on from its head", () => {
  const tail = ["NX", ""];
  const bytes = encodeRequest(["SET", "k", "x".repeat(70_000), ...tail].map(latin1));
  const next = latin1("PING\r\n");
  const stream = new Uint8Array([...bytes, ...next]);
  for (const step of [1, 7, 4096, 69_990, 100_000]) {
    const reader = new RequestReader();
    const first = stream.subarray(0, 100);
    assert.equal(reader.read(first.subarray(0, 20), 0), NEED);
    assert.equal(reader.read(first, 0), HEAD);
    assert.equal(reader.argc, 5);
    assert.equal(reader.argsRead, 2);
    assert.equal(reader.read(first, 0), NEED, "said once for each argument");
    reader.beginBody(first);
    assert.equal(reader.end, 100);
    let at = 100;
    while (reader.more) {
      const chunk = stream.subarray(at, Math.min(stream.length, at + step));
      const end = reader.body(chunk, 0);
      if (reader.more) assert.equal(end, chunk.length);
      at += end;
    }
    assert.equal(at, bytes.length);
    assert.equal(reader.error, "");
    assert.equal(reader.read(stream, at), REQUEST);
    assert.equal(reader.inline, true);
  }
});

test("a large request may also be waited for", () => {
  const bytes = encodeRequest(["SET", "k", "x".repeat(70_000)].map(latin1));
  const reader = new RequestReader();
  assert.equal(reader.read(bytes.subarray(0, 100), 0), HEAD);
  assert.equal(reader.read(bytes, 0), REQUEST);
  assert.equal(reader.argc, 3);
});

test("bad bytes in a body end it", () => {
  const cases: [string, string][] = [
    ["$x\r\n", `${P}invalid bulk length`],
    ["$01\r\n", `${P}invalid bulk length`],
    ["$\r\n", `${P}invalid bulk length`],
    ["$-1\r\n", `${P}invalid bulk length`],
    ["$536870913\r\n", `${P}invalid bulk length`],
    ["!1\r\n", `${P}expected '$', got '!'`],
    ["\r\n", `${P}expected '$', got ' '`],
    ["$".repeat(65537), `${P}too big bulk count string`],
  ];
  for (const [bad, words] of cases) {
    for (const step of [1, 1000, 1e6]) {
      const reader = new RequestReader();
      const head = latin1(`*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$70000\r\n`);
      assert.equal(reader.read(head, 0), HEAD);
      reader.beginBody(head);
      const rest = latin1(`${"x".repeat(70_000)}\r\n${bad}$1\r\na\r\n`);
      let at = 0;
      while (reader.more && at < rest.length) {
        at += reader.body(rest.subarray(at, Math.min(rest.length, at + step)), 0);
      }
      assert.equal(reader.error, words);
      assert.equal(at, 70_002 + bad.length);
      assert.equal(reader.read(rest, at), ERROR);
    }
  }
});

test("property: any arguments, any cut", () => {
  const args = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(args, { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(2000), { maxLength: 20 }),
      fc.boolean(),
      (requests, cuts, drop) => {
        const text = requests.map((r) => latin1Text(encodeRequest(r), 0, encodeRequest(r).length));
        const bytes = latin1(text.join(""));
        const sorted = cuts.filter((c) => c < bytes.length).sort((a, b) => a - b);
        const seen = readAll(bytes, sorted, drop);
        const foreign = requests.findIndex((r) => /^(post|host:)$/i.test(text0(r)));
        if (foreign >= 0) return;
        assert.deepEqual(
          seen.args,
          requests.map((r) => r.map((a) => latin1Text(a, 0, a.length))),
        );
        assert.ok(seen.exact.every(Boolean));
      },
    ),
  );
});

test("property: garbage gives requests or one error, the same in any cut", () => {
  const piece = fc.constantFrom(
    "*",
    "$",
    "1",
    "2",
    "0",
    "-",
    "\r\n",
    "\r",
    "\n",
    "a",
    '"',
    "'",
    " ",
    "\\",
    "\0",
    "x4",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const bytes = latin1(pieces.join(""));
      const whole = readAll(bytes, [], false);
      assert.deepEqual(readAll(bytes, everyCut(Math.max(0, bytes.length - 1)), true), whole);
    }),
    { numRuns: 2000 },
  );
});

test("an inline request is put into RESP", () => {
  const reader = new RequestReader();
  assert.equal(reader.read(latin1("SET \"a b\" 'c'\r\n"), 0), REQUEST);
  const resp = encodeArguments(reader.scratch, reader.argStart, reader.argEnd, reader.argc);
  assert.equal(latin1Text(resp, 0, resp.length), "*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$1\r\nc\r\n");
});

test("a bulk is cut out with its header", () => {
  for (const length of [0, 9, 10, 99, 100, 12345]) {
    const bytes = encodeRequest([latin1("MGET"), new Uint8Array(length)]);
    const reader = new RequestReader();
    assert.equal(reader.read(bytes, 0), REQUEST);
    const at = bulkStart(reader.argStart[1] as number, reader.argEnd[1] as number);
    assert.equal(at, requestHeader(2, latin1("MGET")).length);
    assert.equal(bytes[at], 36);
  }
});

test("EMPTY moves on", () => {
  const reader = new RequestReader();
  assert.equal(reader.read(latin1("*0\r\n"), 0), EMPTY);
  assert.equal(reader.end, 4);
});

test("integers have one spelling", () => {
  const parse = (text: string): number => parseInteger(latin1(text), 0, text.length);
  for (const bad of [
    "",
    "-",
    "+1",
    "01",
    "-0",
    "-01",
    " 1",
    "1 ",
    "1.0",
    "9223372036854775808",
    "-9223372036854775809",
    "12345678901234567890",
  ]) {
    assert.ok(Number.isNaN(parse(bad)), bad);
  }
  assert.equal(parse("0"), 0);
  assert.equal(parse("-1"), -1);
  assert.equal(parse("9223372036854775807"), 2 ** 63);
  assert.equal(parse("-9223372036854775808"), -(2 ** 63));
  assert.equal(parse("1000000000000000000"), 1e18);
});

function text0(args: readonly Uint8Array[]): string {
  const first = args[0] as Uint8Array;
  return latin1Text(first, 0, first.length);
}
