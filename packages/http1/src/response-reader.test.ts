import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readWithLlhttp } from "../test/llhttp.ts";
import { bytesOf, everyByte, type Reading, readResponses } from "../test/reading.ts";
import { badResponses, goodResponses, markedResponse } from "../test/vectors.ts";
import { defaultResponseLimits, MARK_CONTROL, ResponseHead, ResponseReader } from "./index.ts";

const shown = ({ start, body, keepAlive }: Reading["messages"][number]): string =>
  `${start} | ${body}${body === "" ? "" : " "}|${keepAlive ? "" : " close"}`;

for (const [name, stream, answered, closed, ...expected] of goodResponses) {
  const turns = [answered, "other"] as const;
  test(`good: ${name}`, () => {
    const bytes = bytesOf(stream);
    const whole = readResponses(bytes, [], turns, closed);
    assert.deepEqual(whole.messages.map(shown), expected);
    assert.equal(whole.fault, "");
    assert.ok(whole.messages.every((message) => message.whole));
    assert.deepEqual(readResponses(bytes, everyByte(bytes.length), turns, closed), whole);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.deepEqual(readResponses(bytes, [cut], turns, closed), whole);
      const prefix = readResponses(bytes.subarray(0, cut), [], turns, false);
      assert.equal(prefix.fault, "");
    }
    if (!closed) {
      assert.equal(readResponses(bytesOf(`${stream}\0`), [], turns).fault, "bad-status-line");
    }
  });

  test(`good for llhttp too: ${name}`, () => {
    const theirs = readWithLlhttp("RESPONSE", bytesOf(stream), turns, closed);
    assert.equal(theirs.fault, "");
    const ours = readResponses(bytesOf(stream), [], turns, closed).messages;
    const strip = (messages: Reading["messages"]): unknown =>
      messages.map(({ keepAlive: _, ...message }) => message);
    assert.deepEqual(strip(ours), strip(theirs.messages));
  });
}

for (const [code, stream] of badResponses) {
  test(`refused, ${code}: ${JSON.stringify(stream)}`, () => {
    const bytes = bytesOf(stream);
    const whole = readResponses(bytes);
    assert.equal(whole.fault, code);
    assert.deepEqual(readResponses(bytes, everyByte(bytes.length)), whole);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.deepEqual(readResponses(bytes, [cut]), whole);
    }
  });
}

test("control bytes in a value hide the header and nothing else", () => {
  const bytes = bytesOf(markedResponse);
  const whole = readResponses(bytes);
  assert.deepEqual(whole.messages, [
    {
      start: "400 Bad Request",
      minor: 1,
      headers: [["Content-Length", "1"]],
      body: "x",
      whole: true,
      keepAlive: true,
    },
  ]);
  const head = new ResponseHead();
  head.read(bytes, 0);
  assert.equal(head.fields.count, 2);
  assert.ok((head.fields.marks(0) & MARK_CONTROL) !== 0);
  assert.equal(head.fields.find(bytes, bytesOf("x-error")), -1);
  assert.notEqual(readWithLlhttp("RESPONSE", bytes).fault, "");
});

test("101, and 2xx to CONNECT, go on as another protocol", () => {
  for (const [stream, answered] of [
    ["HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n\0\x01", "other"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\0\x01", "CONNECT"],
  ] as const) {
    const [message] = readResponses(bytesOf(stream), [], [answered], true).messages;
    assert.equal(message?.body, "\0\x01");
    assert.equal(message?.whole, true);
    assert.equal(message?.keepAlive, false);
  }
});

test("a response cut short by a close is not whole", () => {
  for (const stream of [
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    "HTTP/1.1 200 OK\r\nContent-Le",
    "",
  ]) {
    const reader = new ResponseReader();
    const bytes = bytesOf(stream);
    let at = 0;
    for (let next = -1; next !== at; ) {
      next = at;
      at = reader.read(bytes, at, "other");
    }
    assert.equal(reader.ended(), false, stream);
  }
});

test("the limit of a body holds however it is framed", () => {
  const limits = { ...defaultResponseLimits, body: 3 };
  const read = (rest: string): [string, string | undefined] => {
    const bytes = bytesOf(`HTTP/1.1 200 OK\r\n${rest}`);
    const whole = readResponses(bytes, [], ["other"], false, limits);
    assert.deepEqual(
      readResponses(bytes, everyByte(bytes.length), ["other"], false, limits),
      whole,
    );
    return [whole.fault, whole.messages[0]?.body];
  };
  assert.deepEqual(read("Content-Length: 4\r\n\r\nabcd"), ["body-too-large", undefined]);
  assert.deepEqual(read("\r\nabcd"), ["body-too-large", "abc"]);
  assert.deepEqual(read("\r\nabc"), ["", "abc"]);
});

test("any cut gives the same, garbage included", () => {
  const piece = fc.constantFrom(
    ...["HTTP/1.1 ", "200 OK\r\n", "204 \r\n", "100 C\r\n", "Content-Length: 2\r\n", "\r\n", "ab"],
    ...["Transfer-Encoding: chunked\r\n", "2\r\nab\r\n", "0\r\n\r\n", "Connection: close\r\n"],
    ...["\0", "\xff", "X: ", "\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"],
  );
  const mutated = fc
    .tuple(
      fc.constantFrom(...goodResponses.map(([, stream]) => stream), markedResponse),
      fc.nat(200),
      fc.oneof(
        piece,
        fc.nat(255).map((byte) => String.fromCharCode(byte)),
      ),
      fc.boolean(),
    )
    .map(([stream, at, what, over]) =>
      bytesOf(stream.slice(0, at) + what + stream.slice(at + (over ? 1 : 0))),
    );
  const stream = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => bytesOf(pieces.join(""))),
    mutated,
  );
  let compared = 0;
  fc.assert(
    fc.property(stream, fc.nat(100), fc.nat(100), fc.boolean(), (bytes, a, b, closed) => {
      const cuts = [a, b].filter((cut) => cut > 0 && cut < bytes.length).sort((x, y) => x - y);
      const whole = readResponses(bytes, [], ["other"], closed);
      assert.deepEqual(readResponses(bytes, cuts, ["other"], closed), whole);
      const theirs = readWithLlhttp("RESPONSE", bytes, ["other"], closed);
      for (const [i, message] of whole.messages.entries()) {
        if (!message.whole || bytes.includes(0) || message.start.startsWith("101")) break;
        const { keepAlive: _, ...ours } = message;
        const { keepAlive: __, ...their } = theirs.messages[i] ?? message;
        assert.deepEqual(ours, their);
        compared += 1;
        if (!message.keepAlive) break;
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(compared > 1000, `compared ${compared}`);
});
