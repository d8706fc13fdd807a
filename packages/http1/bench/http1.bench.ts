/**
 * Cost of the framing alone, for a chunk as a busy connection gives it, walked
 * in one go; llhttp (as Node has it: its callbacks make a string of each header
 * and a Buffer of each piece of body) reads the same chunks. Fixtures are constant: no seed. Run: `pnpm bench`.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { bench, do_not_optimize, run, summary } from "mitata";
import { Gunzip, parseQuery, RequestReader, ResponseReader } from "../src/index.ts";
import { countWithLlhttp } from "../test/llhttp.ts";

const MANY = 64;
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const common =
  "Host: 127.0.0.1:8086\r\nUser-Agent: client/1.0\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n";
const lines =
  "weather,city=oslo,station=a12 temperature=21.5,humidity=40i 1700000000000000000\n".repeat(50);
const requests: [string, Uint8Array][] = [
  ["64 GET", bytesOf(`GET /query?db=s&epoch=ns&q=SELECT+1 HTTP/1.1\r\n${common}\r\n`.repeat(MANY))],
  [
    "64 POST of 4 KB",
    bytesOf(
      `POST /write?db=s HTTP/1.1\r\n${common}Content-Length: ${lines.length}\r\n\r\n${lines}`.repeat(
        MANY,
      ),
    ),
  ],
  [
    "64 POST of 4 KB in 16 chunks",
    bytesOf(
      `POST /write?db=s HTTP/1.1\r\n${common}Transfer-Encoding: chunked\r\n\r\n${`100\r\n${"x".repeat(256)}\r\n`.repeat(16)}0\r\n\r\n`.repeat(
        MANY,
      ),
    ),
  ],
];

for (const [name, bytes] of requests) {
  summary(() => {
    const reader = new RequestReader();
    bench(`read ${name}`, () => {
      let at = 0;
      let data = 0;
      while (at < bytes.length) {
        at = reader.read(bytes, at);
        if (reader.event === "body") data += reader.body.dataTo - reader.body.dataFrom;
      }
      return do_not_optimize(data);
    });
    bench(`llhttp: ${name}`, () => do_not_optimize(countWithLlhttp(bytes)));
  });
}

summary(() => {
  const replies = bytesOf(
    "HTTP/1.1 204 No Content\r\nContent-Type: application/json\r\nRequest-Id: 0123\r\nX-Version: 1.8\r\nDate: Sun, 01 Jan 2023 00:00:00 GMT\r\n\r\n".repeat(
      MANY,
    ),
  );
  const reader = new ResponseReader();
  bench("read 64 responses 204", () => {
    let at = 0;
    while (at < replies.length) at = reader.read(replies, at, "other");
    return do_not_optimize(at);
  });
  const query = bytesOf("db=s&epoch=ns&q=SELECT%20mean%28%22v%22%29+FROM+m+WHERE+time%3E0&rp=");
  bench("parse a query string of 70 bytes", () =>
    do_not_optimize(parseQuery(query, 0, query.length)),
  );
});

summary(() => {
  const text = Array.from(
    { length: 20_000 },
    (_, i) =>
      `weather,city=c${i % 97},station=s${i % 13} t=${(i * 7919) % 1000},h=${i % 50}i ${1_700_000_000 + i}\n`,
  ).join("");
  const packed = gzipSync(text);
  bench(`gunzip ${(text.length / 1e6).toFixed(1)} MB of lines in pieces of 64 KiB`, () => {
    const gunzip = new Gunzip();
    for (let at = 0; at < packed.length; at += 65536) {
      gunzip.write(packed, at, Math.min(packed.length, at + 65536));
    }
    return do_not_optimize(gunzip.end());
  });
  bench("zlib of Node, the same in one go", () => do_not_optimize(gunzipSync(packed)));
});

await run();
