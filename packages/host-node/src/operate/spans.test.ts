/** Spans of requests, as a tracer of the user's sees them. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { redis } from "@echarde/codec-redis";
import { connectRaw, encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";
import { type SpanOptions, SpanStatusCode, type TracerProvider, trace } from "@opentelemetry/api";
import { createShardServer } from "../shard-server.ts";

interface Seen {
  readonly name: string;
  readonly options: SpanOptions;
  status: number;
  end: number;
}

describe("spans", { skip: skipWithout("redis-server") }, () => {
  const seen: Seen[] = [];
  const provider = {
    getTracer: () => ({
      startSpan: (name: string, options: SpanOptions) => {
        const span: Seen = { name, options, status: SpanStatusCode.UNSET, end: 0 };
        seen.push(span);
        return {
          setAttribute: (key: string, value: string) => {
            Object.assign(span.options.attributes ?? {}, { [key]: value });
          },
          setStatus: ({ code }: { code: number }) => {
            span.status = code;
          },
          end: (at: number) => {
            span.end = at;
          },
        };
      },
    }),
  };
  trace.setGlobalTracerProvider(provider as unknown as TracerProvider);
  after(() => trace.disable());

  test("are made of all requests, of slow ones, of none, as the configuration in force says", async () => {
    const shard = await startRedis();
    const config = (tracing: object): object => ({
      ...{ listen: "127.0.0.1:0", localCluster: "a", defaultCluster: "a", ...tracing },
      clusters: { a: { endpoints: [`127.0.0.1:${shard.port}`] } },
      timeouts: { request: "300ms" },
    });
    const server = await createShardServer({
      codec: redis(),
      table: config({ tracing: { atLeast: 0 } }),
    });
    after(() => server.close());
    const { address } = server;
    const client = await connectRaw(address.type === "tcp" ? address.port : 0);
    const ask = async (...words: string[]): Promise<string> => {
      client.send(encodeCommand(...words));
      return String(await client.reply());
    };
    assert.equal(await ask("SET", "k", "secret"), "+OK\r\n");
    await ask("GET", "k");
    assert.deepEqual(
      seen.map(({ name }) => name),
      ["SET", "GET"],
    );
    const [first] = seen;
    assert.ok(first, "a span");
    assert.deepEqual(first.options.attributes, {
      "db.system.name": "redis",
      "db.operation.name": "SET",
      "echarde.upstream": "a",
    });
    assert.ok(first.end >= Number(first.options.startTime), "it ends after its start");
    assert.ok(Math.abs(first.end - Date.now()) < 60_000, "Unix milliseconds");
    assert.ok(!JSON.stringify(seen).includes("secret"), "no value");

    seen.length = 0;
    server.reconfigure(config({ tracing: { atLeast: "100ms" } }));
    await ask("GET", "k");
    assert.equal(seen.length, 0);
    shard.suspend();
    assert.match(await ask("GET", "k"), /^-ERR /);
    shard.resume();
    assert.deepEqual(
      seen.map(({ name, status }) => [name, status]),
      [["GET", SpanStatusCode.ERROR]],
    );
    assert.equal(seen[0]?.options.attributes?.["error.type"], "timeout");

    seen.length = 0;
    server.reconfigure(config({}));
    await ask("GET", "k");
    assert.equal(seen.length, 0);
    await client.close();
    await server.close();
    await shard.stop();
  });
});
