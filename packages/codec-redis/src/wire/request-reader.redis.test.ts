/** The reader against a real redis-server: same arguments, same errors, same closing. Skipped where there is none. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type RedisServer, redisVersion, startRedis } from "../../scripts/redis-server.ts";
import { latin1, latin1Text } from "./ascii.ts";
import { EMPTY, ERROR, NEED, REQUEST, RequestReader } from "./request-reader.ts";

const skip = redisVersion() === null ? "no redis-server" : false;
let server: RedisServer;
before(async () => {
  if (!skip) server = await startRedis();
});
after(async () => server?.stop());

/** What we expect the server to say to `bytes`: every request is EVAL or PING, errors close. */
function predict(bytes: Uint8Array, unauthenticated: boolean): { reply: string; closed: boolean } {
  const reader = new RequestReader();
  reader.unauthenticated = unauthenticated;
  let reply = "";
  let at = 0;
  for (;;) {
    const status = reader.read(bytes, at);
    if (status === NEED) return { reply, closed: false };
    if (status === ERROR) {
      return {
        reply: reader.error === "" ? reply : `${reply}-ERR ${reader.error}\r\n`,
        closed: true,
      };
    }
    if (status === REQUEST) {
      const source = reader.source(bytes);
      const args: string[] = [];
      for (let i = 0; i < reader.argc; i++) {
        args.push(latin1Text(source, reader.argStart[i] as number, reader.argEnd[i] as number));
      }
      if (unauthenticated) reply += "-NOAUTH Authentication required.\r\n";
      else if (args[0] === "PING" && args.length === 1) reply += "+PONG\r\n";
      else if (args[0] === "PING") reply += `$${args[1]?.length}\r\n${args[1]}\r\n`;
      else {
        assert.equal(args[0], "EVAL");
        reply += `*${args.length - 3}\r\n`;
        for (const arg of args.slice(3)) reply += `$${arg.length}\r\n${arg}\r\n`;
      }
    } else assert.equal(status, EMPTY);
    at = reader.end;
  }
}

async function agree(text: string, on: RedisServer = server): Promise<void> {
  const bytes = latin1(text);
  const expected = predict(bytes, on !== server);
  const client = await on.connect();
  const seen = await client.exchange(bytes, {
    length: expected.reply.length,
    closed: expected.closed,
  });
  client.close();
  assert.deepEqual(seen, expected, JSON.stringify(text.slice(0, 200)));
}

const ARGV = 'EVAL "return ARGV" 0 ';
const BULKS = "$4\r\nEVAL\r\n$11\r\nreturn ARGV\r\n$1\r\n0\r\n";

test("protocol errors and what is let pass", { skip }, async () => {
  const texts = [
    ...[
      "*+1",
      "*01",
      "* 1",
      "*",
      "*-0",
      "*2147483647",
      "*2147483648",
      "*a",
      "*1 ",
      "*-9223372036854775809",
      "*1\nPING",
    ],
    ...[
      "*1\r\n$+1",
      "*1\r\n$01",
      "*1\r\n$00",
      "*1\r\n$-1",
      "*1\r\n$",
      "*1\r\n$536870913",
      "*1\r\n$1a",
    ],
    ...["*1\r\n!1", "*1\r\n", "*1\r\n\n", "*1\r\n*1", "*1\r\n\xff", "*2\r\n$4\r\nPING\r\nx"],
    // Not behind another request: Redis then drops the replies that it has not written yet, we do not.
    ...["POST /", "Host: x", "post", "*1\r\n$4\r\nPosT", "*1\r\n$5\r\nhost:"],
    ...["*0", "*-1", "*-9223372036854775808", "", "  ", "\t\v\f", "*0\r\nPING"],
    "*1\rX$4\rYPINGZZPING",
    `*4\r\n${BULKS}PING`,
    `*5\r\n${BULKS}$1\r\naXY*1\r\n$4\r\nPING`,
    "PING\0\r\nPING",
    "*1\0\r\n$4\r\nPING",
    "*1\r\n$4\0\r\nPING",
    ...[`${ARGV}"a`, `${ARGV}'a`, `${ARGV}"a"b`, `${ARGV}'a'b`, `${ARGV}a"b"c`, `${ARGV}"\\`],
  ];
  await Promise.all(texts.map((text) => agree(`${text}\r\n`)));
  // Without an end of the line: whether the server sees one in time hangs on how it reads.
  const long = "x".repeat(70_000);
  const lines = [long, `*${long}`, `*1\r\n$${long}`, `*1\r\n!${long}`, `PING\0${long}`];
  await Promise.all(lines.map((text) => agree(text)));
});

test("limits before authentication", { skip }, async () => {
  const locked = await startRedis(["--requirepass", "secret"]);
  try {
    const bulk = (n: number): string => `$${n}\r\n${"x".repeat(n)}\r\n`;
    const texts = [
      `*10\r\n${bulk(1).repeat(10)}`,
      `*11\r\n${bulk(1).repeat(11)}`,
      `*2\r\n${bulk(1)}${bulk(16384)}`,
      `*2\r\n${bulk(1)}${bulk(16385)}`,
      "*2147483648\r\n",
      "*1\r\n$536870913\r\n",
    ];
    // Unknown commands and wrong arity are told before the missing password.
    const asMget = (text: string): string => text.replace("$1\r\nx", "$4\r\nMGET");
    await Promise.all(texts.map((text) => agree(asMget(text), locked)));
  } finally {
    await locked.stop();
  }
});

test("property: words of inline lines", { skip }, async () => {
  const piece = fc.constantFrom(
    ..."abx0 \t\v\f\r\"'\\".split(""),
    ...["\\x41", "\\xg1", "\\n", "\\'", '\\"', '"', '"', "'", "' ", '" ', " ", "\xff", "\x01"],
  );
  const lines = fc.sample(
    fc.array(piece, { maxLength: 14 }).map((parts) => parts.join("")),
    { numRuns: 3000, seed: 7 },
  );
  // Good lines share a connection; each bad one needs its own.
  const good: string[] = [];
  const bad: string[] = [];
  for (const line of lines) {
    const text = `${ARGV}${line}\r\n`;
    (predict(latin1(text), false).closed ? bad : good).push(text);
  }
  assert.ok(good.length > 1000 && bad.length > 300, `${good.length} good, ${bad.length} bad`);
  await agree(good.join(""));
  for (let i = 0; i < Math.min(600, bad.length); i += 100) {
    await Promise.all(bad.slice(i, i + 100).map((text) => agree(text)));
  }
});

test("property: arrays with broken bytes", { skip }, async () => {
  const piece = fc.constantFrom(
    ..."*$$\r\n0123-+ a\0".split(""),
    "\r\n",
    "\r\n",
    "\r\n$1\r\n",
    "$4\r\nPING\r\n",
    "*1\r\n",
  );
  const texts = fc.sample(
    fc.array(piece, { maxLength: 12 }).map((parts) => `*2\r\n${parts.join("")}\r\n`),
    { numRuns: 3000, seed: 11 },
  );
  // Only those that fail or wait: other commands would be run.
  const chosen = texts.filter((text) => {
    try {
      predict(latin1(text), false);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(chosen.length > 800, `${chosen.length}`);
  for (let i = 0; i < Math.min(chosen.length, 1000); i += 100) {
    await Promise.all(chosen.slice(i, i + 100).map((text) => agree(text)));
  }
});
