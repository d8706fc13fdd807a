/** A gRPC client that knows nothing but the .proto speaks to the bridge. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startBridge } from "@echarde/host-node";
import { encodeCommand, skipWithout, startRedis } from "@echarde/testkit/servers";
import { type ClientDuplexStream, credentials, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { decode, encode } from "@msgpack/msgpack";

interface Frame {
  readonly link: number;
  readonly data?: Uint8Array;
  readonly control?: Uint8Array;
}

const proto = fileURLToPath(
  new URL("../../packages/host-proxy-wasm/proto/bridge.proto", import.meta.url),
);
const options = { skip: skipWithout("redis-server"), timeout: 60_000 };

test("a standard gRPC client opens links through the bridge", options, async () => {
  const redis = await startRedis();
  const endpoint = `127.0.0.1:${redis.port}`;
  const bridge = await startBridge({
    table: { clusters: { one: { endpoints: [endpoint] } } },
    grpc: { type: "tcp", host: "127.0.0.1", port: 0 },
  });
  const { grpcAddress } = bridge;
  const port = grpcAddress?.type === "tcp" ? grpcAddress.port : 0;
  const loaded = loadPackageDefinition(loadSync(proto)) as unknown as {
    echarde: {
      Bridge: new (
        address: string,
        security: unknown,
      ) => { pipe(): ClientDuplexStream<Frame, Frame>; close(): void };
    };
  };
  const client = new loaded.echarde.Bridge(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.pipe();
  const frames: string[] = [];
  const wanted = 5;
  const done = new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("data", ({ link, data, control }: Frame) => {
      const text = data?.length
        ? Buffer.from(data).toString()
        : JSON.stringify(decode(control ?? []));
      frames.push(`${link} ${text}`);
      if (frames.length === wanted) resolve();
    });
  });
  const say = (link: number, ...words: unknown[]): void => {
    stream.write({ link, control: encode(words) });
  };
  say(1, "open", "one", endpoint);
  say(2, "open", "one", "127.0.0.1:1"); // not of the configuration
  say(3, "open", "two", endpoint); // no such cluster
  stream.write({ link: 1, data: encodeCommand("PING") });
  say(0, "nudge");
  await done;
  assert.deepEqual(
    frames.filter((frame) => frame.startsWith("1 ")),
    ['1 ["opened"]', "1 +PONG\r\n"],
  );
  assert.deepEqual(frames.filter((frame) => !frame.startsWith("1 ")).sort(), [
    '0 ["nudge"]',
    '2 ["lost","not configured"]',
    '3 ["lost","not configured"]',
  ]);
  assert.equal(bridge.stats().refused, 2);
  const ended = new Promise<void>((resolve) => stream.on("end", resolve));
  say(0, "bye");
  await ended;
  client.close();
  await bridge.close();
  await redis.stop();
});

test("a bridge that others could reach is refused without certificates", async () => {
  await assert.rejects(
    startBridge({ table: {}, listen: { type: "tcp", host: "0.0.0.0", port: 0 } }),
    /can be reached by others/,
  );
});
