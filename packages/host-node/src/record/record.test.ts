/** `echarde record` and `echarde replay`, with real servers; traces that are none. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { connectRaw, encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";
import { startCommand } from "../../test/command.ts";
import { runCli } from "../cli/run-cli.ts";
import { decodeTrace, encodeEnd, encodeHead, encodeTracePacket } from "./trace.ts";

const dir = mkdtempSync(join(tmpdir(), "echarde-record-"));
const ends: (() => Promise<unknown> | unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(dir, { recursive: true, force: true });
});

async function cli(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCli(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out, err };
}

describe("record and replay", { skip: skipWithout("redis-server") }, () => {
  const secret = "s3cret-value";
  const file = join(dir, "e.yaml");
  const moved = join(dir, "moved.yaml");
  let ports: number[] = [];
  const config = (routes: readonly string[]): string =>
    [
      "protocol: redis",
      "listen: 127.0.0.1:0",
      "localCluster: a",
      "defaultCluster: a",
      `clusters: { a: { endpoints: ["127.0.0.1:${ports[0]}"] }, b: { endpoints: ["127.0.0.1:${ports[1]}"] } }`,
      `routes: [${routes.join(", ")}]`,
    ].join("\n");

  async function record(
    to: string,
    more: readonly string[],
    commands: Uint8Array[],
  ): Promise<string> {
    const command = startCommand("cli.ts", ["record", file, "--to", to, ...more]);
    ends.push(() => command.process.kill("SIGKILL"));
    const [, port] = await command.until(/redis on 127\.0\.0\.1:(\d+)/);
    const client = await connectRaw(Number(port));
    for (const bytes of commands) {
      client.send(bytes);
      await client.reply();
    }
    await client.close();
    command.process.kill("SIGTERM");
    assert.equal(await command.ended, 0, command.output());
    return command.output();
  }

  test("what went where is recorded without values, and another table's differences are listed", async () => {
    const servers = await Promise.all([startRedis(), startRedis()]);
    for (const server of servers) ends.push(() => server.stop());
    ports = servers.map(({ port }) => port);
    writeFileSync(file, config(["{ prefix: 'b:', cluster: b }"]));
    writeFileSync(moved, config(["{ prefix: 'b:', cluster: b }", "{ key: mine, cluster: b }"]));
    const trace = join(dir, "t.mpk");
    const said = await record(
      trace,
      [],
      [
        encodeCommand("HELLO", "2"),
        encodeCommand("SET", "mine", secret, "EX", "100"),
        encodeCommand("MSET", "mine", secret, "b:1", secret),
        encodeCommand("GET", "b:1"),
        encodeCommand("EVAL", `return '${secret}'`, "1", "b:2", secret),
        encodeCommand("XADD", "b:s", "*", "field", secret),
        encodeCommand("XREAD", "COUNT", "1", "STREAMS", "b:s", "0"),
        encodeCommand("OBJECT", "ENCODING", "mine"),
      ],
    );
    assert.match(said, /recorded .*t\.mpk: 8 packets/);
    assert.equal(statSync(trace).mode & 0o777, 0o600);
    const bytes = readFileSync(trace);
    assert.ok(!bytes.includes(secret), "no value in it");
    const { packets } = decodeTrace(bytes);
    assert.equal(packets.filter(({ cluster }) => cluster === "a").length, 3);
    assert.deepEqual(
      packets[0]?.words.map((word) =>
        typeof word === "number" ? word : String(Buffer.from(word)),
      ),
      ["SET", "mine", secret.length, "EX", 3],
    );
    const shown = await cli("replay", trace);
    assert.equal(shown.code, 0);
    assert.match(
      shown.out[0] ?? "",
      /^\+\d+\.\d ms a: "SET" "mine" \(12 bytes\) "EX" \(3 bytes\)$/,
    );
    const same = await cli("replay", trace, file);
    assert.deepEqual(same.out.length, 1, same.out.join("\n"));
    assert.match(same.out[0] ?? "", /^8 packets .*; 0 would go elsewhere, 0 cannot be planned/);
    const other = await cli("replay", trace, moved);
    assert.deepEqual(other.out.slice(0, -1).sort(), [
      'MSET "mine": a -> b (key "mine")',
      'OBJECT ENCODING "mine": a -> b (key "mine")',
      'SET "mine": a -> b (key "mine")',
    ]);
    assert.match(other.out.at(-1) ?? "", /; 3 would go elsewhere/);
  });

  test("values are recorded when they are asked for; the trace ends at its bound", async () => {
    const trace = join(dir, "v.mpk");
    const sets = Array.from({ length: 100 }, (_, i) =>
      encodeCommand("SET", `k${i}`, `${secret}${i}`),
    );
    await record(trace, ["--values", "--bytes", "2KiB"], sets);
    assert.ok(statSync(trace).size <= 2_048, "bounded");
    const { packets, end } = decodeTrace(readFileSync(trace));
    assert.ok(end.full && packets.length > 10 && packets.length < 100, `${packets.length} packets`);
    assert.equal(String(Buffer.from(packets[7]?.words[2] as Uint8Array)), `${secret}7`);
  });
});

describe("a trace that is none", () => {
  const head = encodeHead({ protocol: "redis", table: "t", values: false, began: 1 });
  const packet = encodeTracePacket({ at: 1, cluster: "a", words: [Buffer.from("GET"), 3] });
  const whole = Buffer.concat([
    head,
    packet,
    packet,
    encodeEnd({ packets: 2, unread: 0, full: false }),
  ]);

  test("is an error that says what is wrong, wherever it is cut", async () => {
    assert.equal(decodeTrace(whole).packets.length, 2);
    const file = join(dir, "bad.mpk");
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const { code, err } = await cli("replay", file);
      const words =
        length < head.length ? /is no trace of echarde record/ : /is cut behind packet [012]:/;
      assert.equal(code, 1);
      assert.match(err.join("\n"), words, `${length} bytes`);
    }
  });

  test("and so are other bytes, other versions, and what does not fit", () => {
    for (const [bytes, words] of [
      [Buffer.from("protocol: redis\n"), /no trace/],
      [Buffer.concat([whole, packet]), /something follows/],
      [
        Buffer.concat([head, packet, encodeEnd({ packets: 9, unread: 0, full: false })]),
        /does not fit/,
      ],
      [Buffer.concat([head, Buffer.from([0x93, 1, 2, 3])]), /packet 1 is none/],
      [Buffer.concat([head, Buffer.from([0xc1])]), /no MessagePack/],
    ] as const)
      assert.throws(() => decodeTrace(bytes), { name: "TraceError", message: words });
  });
});
