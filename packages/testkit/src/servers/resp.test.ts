import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCommand, parseReply, RespSplitter } from "./resp.ts";

const REPLIES: readonly string[] = [
  "+OK\r\n",
  "-ERR no\r\n",
  ":-12\r\n",
  "$-1\r\n",
  "$0\r\n\r\n",
  "$6\r\na\r\nb\r\n\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*3\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n_\r\n",
  "%2\r\n+a\r\n:1\r\n+b\r\n~1\r\n#t\r\n",
  ">2\r\n+message\r\n=5\r\ntxt:x\r\n",
  "|1\r\n+ttl\r\n:3\r\n*1\r\n,1.5\r\n",
  "(123456789012345678901\r\n",
  "!5\r\nERR x\r\n",
];

test("every reply is cut off whole, whatever the chunks", () => {
  const all = Buffer.from(REPLIES.join(""));
  for (let size = 1; size <= all.length; size++) {
    const splitter = new RespSplitter();
    const whole: string[] = [];
    for (let at = 0; at < all.length; at += size) {
      whole.push(...splitter.push(all.subarray(at, at + size)).map(String));
    }
    assert.deepEqual(whole, REPLIES, `chunks of ${size}`);
    assert.equal(splitter.rest.length, 0);
  }
});

test("what is not whole stays", () => {
  const splitter = new RespSplitter();
  assert.deepEqual(splitter.push(Buffer.from("+OK\r\n*2\r\n:1\r\n$3\r\nab")).map(String), [
    "+OK\r\n",
  ]);
  assert.equal(splitter.rest.toString(), "*2\r\n:1\r\n$3\r\nab");
});

test("what is not RESP throws", () => {
  for (const bytes of ["HTTP/1.1 400\r\n", "x", "$x\r\n", "*1.5\r\n", "$-2\r\n"]) {
    assert.throws(() => new RespSplitter().push(Buffer.from(bytes)), /not (RESP|a RESP)/, bytes);
  }
});

test("a reply is decoded", () => {
  const shape = (bytes: string): unknown =>
    JSON.parse(
      JSON.stringify(parseReply(Buffer.from(bytes)), (_, value) =>
        value?.type === "Buffer" ? Buffer.from(value.data).toString("latin1") : value,
      ),
    );
  assert.deepEqual(shape("*3\r\n:1\r\n$-1\r\n~1\r\n$2\r\n\r\n\r\n"), {
    type: "*",
    elements: [
      { type: ":", bytes: "1" },
      { type: "$", bytes: null },
      { type: "~", elements: [{ type: "$", bytes: "\r\n" }] },
    ],
  });
  assert.deepEqual(shape("|1\r\n+a\r\n+b\r\n%1\r\n+k\r\n_\r\n"), {
    type: "%",
    elements: [
      { type: "+", bytes: "k" },
      { type: "_", bytes: null },
    ],
  });
  assert.throws(() => parseReply(Buffer.from("$5\r\nab")), /not whole/);
  assert.throws(() => parseReply(Buffer.from("+a\r\n+b\r\n")), /4 bytes after/);
});

test("a command is encoded by bytes, not by characters", () => {
  assert.equal(
    encodeCommand("SET", "é", 12, Uint8Array.of(0x31)).toString(),
    "*4\r\n$3\r\nSET\r\n$2\r\né\r\n$2\r\n12\r\n$1\r\n1\r\n",
  );
});
