import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf, readRequests, readResponses, textOf } from "../test/reading.ts";
import {
  chunkEnd,
  chunkStart,
  cleanValue,
  continueResponse,
  HttpMisuseError,
  lastChunk,
  patchHead,
  RequestHead,
  ResponseHead,
  writeHeader,
  writeRequestHead,
  writeResponseHead,
} from "./index.ts";

const chunkedBody = (pieces: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    ...pieces.flatMap((piece) => [chunkStart(piece.length), piece, chunkEnd]),
    lastChunk,
  ]);

test("golden heads", () => {
  assert.equal(
    textOf(
      writeRequestHead("POST", "/write?db=x", [
        ["Host", "a"],
        ["X", bytesOf("\xff")],
      ]),
    ),
    "POST /write?db=x HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n",
  );
  assert.equal(textOf(writeResponseHead(204, [])), "HTTP/1.1 204 No Content\r\n\r\n");
  assert.equal(
    textOf(writeResponseHead(299, [["A", ""]], "Odd", 0)),
    "HTTP/1.0 299 Odd\r\nA: \r\n\r\n",
  );
  assert.equal(textOf(continueResponse), "HTTP/1.1 100 Continue\r\n\r\n");
  assert.equal(textOf(chunkStart(255)), "ff\r\n");
});

test("nothing that splits a head is written", () => {
  const refused: (() => unknown)[] = [
    () => writeHeader(["X", "a\r\nY: b"]),
    () => writeHeader(["X", "a\0"]),
    () => writeHeader(["X y", "a"]),
    () => writeHeader(["", "a"]),
    () => writeHeader(["X\u0141", "a"]),
    () => writeHeader(["X", "\u010a"]),
    () => writeRequestHead("GET /", "/", []),
    () => writeRequestHead("GET", "/ HTTP/1.1\r\n", []),
    () => writeRequestHead("GET", "", []),
    () => writeResponseHead(99, []),
    () => writeResponseHead(200.5, []),
    () => writeResponseHead(200, [], "a\nb"),
    () => chunkStart(0),
    () => chunkStart(-1),
  ];
  for (const write of refused) assert.throws(write, HttpMisuseError);
  assert.equal(textOf(cleanValue(bytesOf(" \0a\r\nb\x7f\xff\t"), 100)), "a  b \xff");
  assert.equal(textOf(cleanValue(bytesOf("abcdef"), 3)), "abc");
  assert.equal(textOf(cleanValue(bytesOf("\0\0"), 3)), "");
});

test("what is written is read back", () => {
  const token = fc.string({
    unit: fc.constantFrom(..."abcXYZ09-_!#$%&'*+.^`|~"),
    minLength: 1,
    maxLength: 20,
  });
  const value = fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => cleanValue(bytes, 40))
    .filter((bytes) => !/^\t|\t$/.test(textOf(bytes)));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(token, value), { maxLength: 20 }),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 5 }),
      (lines, pieces) => {
        const headers = lines.filter(
          ([name]) => !/^(host|expect|upgrade|connection|content-length)$/i.test(name),
        );
        const head = writeRequestHead("POST", "/x", [
          ["Host", "h"],
          ["Transfer-Encoding", "chunked"],
          ...headers,
        ]);
        const reading = readRequests(Buffer.concat([head, chunkedBody(pieces)]));
        assert.deepEqual(reading, {
          messages: [
            {
              start: "POST /x",
              minor: 1,
              headers: [
                ["Host", "h"],
                ["Transfer-Encoding", "chunked"],
                ...headers.map(([name, bytes]) => [name, textOf(bytes)]),
              ],
              body: pieces.map(textOf).join(""),
              whole: true,
              keepAlive: true,
            },
          ],
          fault: "",
        });
      },
    ),
  );
});

const join = (pieces: readonly Uint8Array[]): string => pieces.map(textOf).join("");

test("a patched head keeps all other bytes as they are, as views", () => {
  const stream =
    "##GET /x HTTP/1.1\r\nHost:a\r\nX-Odd:   spaced \r\nExpect: 100-continue\r\nAccept-Encoding: gzip\r\nZ:1\r\n\r\nbody";
  const bytes = bytesOf(stream);
  const head = new RequestHead();
  head.read(bytes, 2);
  const patch = (...args: [Parameters<typeof patchHead>[2]]): string =>
    join(patchHead(bytes, head, ...args));
  assert.equal(patch({}), stream.slice(2, -4));
  assert.equal(patchHead(bytes, head, {}).length, 1);
  const dropped = patchHead(bytes, head, { drop: [bytesOf("expect")] });
  assert.equal(
    join(dropped),
    "GET /x HTTP/1.1\r\nHost:a\r\nX-Odd:   spaced \r\nAccept-Encoding: gzip\r\nZ:1\r\n\r\n",
  );
  assert.ok(dropped.every((piece) => piece.buffer === bytes.buffer));
  assert.equal(
    patch({ set: [["Accept-encoding", "identity"]], drop: [bytesOf("z"), bytesOf("host")] }),
    "GET /x HTTP/1.1\r\nX-Odd:   spaced \r\nExpect: 100-continue\r\nAccept-encoding: identity\r\n\r\n",
  );
  assert.equal(
    patch({ startLine: bytesOf("GET /y HTTP/1.1\r\n"), drop: [bytesOf("x-odd")] }),
    "GET /y HTTP/1.1\r\nHost:a\r\nExpect: 100-continue\r\nAccept-Encoding: gzip\r\nZ:1\r\n\r\n",
  );
  const bare = bytesOf("HTTP/1.1 204 No Content\r\n\r\n");
  const response = new ResponseHead();
  response.read(bare, 0);
  assert.equal(
    join(patchHead(bare, response, { set: [["A", "b"]] })),
    "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n",
  );
  assert.equal(
    join(patchHead(bare, response, { startLine: bytesOf("HTTP/1.1 200 OK\r\n") })),
    "HTTP/1.1 200 OK\r\n\r\n",
  );
});

test("headers for one hop go, what frames and routes stays", () => {
  const stream =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Mine , content-length, HOST,close\r\nX-mine: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nContent-Length: 0\r\n\r\n";
  const bytes = bytesOf(stream);
  const head = new RequestHead();
  head.read(bytes, 0);
  assert.equal(
    join(patchHead(bytes, head, { hopByHop: true })),
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
  );
});

test("headers with control bytes never pass", () => {
  const bytes = bytesOf(
    "HTTP/1.1 400 Bad\r\nX-E: \0\x01\xff\r\nContent-Length: 0\r\nX-F: \x02\r\n\r\n",
  );
  const head = new ResponseHead();
  head.read(bytes, 0);
  assert.equal(join(patchHead(bytes, head, {})), "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
});

test("a server of Node reads our requests, and its responses are read", async () => {
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("latin1").on("data", (piece: string) => {
      body += piece;
    });
    incoming.on("end", () => {
      if (incoming.url === "/none") response.writeHead(204).end();
      else if (incoming.url === "/chunked") {
        response.write("part ");
        response.end(`${incoming.method} ${body}`, "latin1");
      } else {
        const text = `${incoming.method} ${incoming.url} ${incoming.headers["x-odd"]} ${body}`;
        response.writeHead(200, { "Content-Length": Buffer.byteLength(text, "latin1") });
        response.end(text, "latin1");
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const host = ["Host", "a"] as const;
  const all = Buffer.concat([
    writeRequestHead("POST", "/length?q=\x7e", [host, ["X-Odd", "\xe9"], ["Content-Length", "3"]]),
    bytesOf("a\0\xff"),
    writeRequestHead("GET", "/none", [host]),
    writeRequestHead("HEAD", "/head", [host]),
    writeRequestHead("PUT", "/chunked", [
      host,
      ["Transfer-Encoding", "chunked"],
      ["Connection", "close"],
    ]),
    chunkedBody([bytesOf("one "), bytesOf("x".repeat(300))]),
  ]);
  for (let at = 0; at < all.length; at += 37) socket.write(all.subarray(at, at + 37));
  const received: Buffer[] = [];
  for await (const piece of socket) received.push(piece as Buffer);
  server.close();
  const { messages, fault } = readResponses(
    Buffer.concat(received),
    [],
    ["other", "other", "HEAD", "other"],
    true,
  );
  assert.equal(fault, "");
  assert.deepEqual(
    messages.map(({ start, body, whole, keepAlive }) => [start, body, whole, keepAlive]),
    [
      ["200 OK", "POST /length?q=~ \xe9 a\0\xff", true, true],
      ["204 No Content", "", true, true],
      ["200 OK", "", true, true],
      ["200 OK", `part PUT one ${"x".repeat(300)}`, true, false],
    ],
  );
});

test("a client of Node reads our responses, and its requests are read", async () => {
  const received: Buffer[] = [];
  const server = createTcpServer((socket) => {
    socket.on("data", (piece) => {
      received.push(piece);
      if (!readRequests(Buffer.concat(received)).messages.at(-1)?.whole) return;
      socket.end(
        Buffer.concat([
          continueResponse,
          writeResponseHead(200, [["Transfer-Encoding", "chunked"]]),
          chunkedBody([bytesOf("hel"), bytesOf("lo")]),
        ]),
      );
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const outgoing = request({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    method: "POST",
    path: "/x",
    agent: false,
  });
  outgoing.write("some ");
  outgoing.end("body");
  const [incoming] = (await once(outgoing, "response")) as [AsyncIterable<Buffer>];
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  server.close();
  assert.equal(Buffer.concat(pieces).toString(), "hello");
  const reading = readRequests(Buffer.concat(received));
  assert.equal(reading.fault, "");
  assert.equal(reading.messages[0]?.body, "some body");
});
