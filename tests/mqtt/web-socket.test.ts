/** MQTT.js over WebSocket, and over WebSocket and TLS, to two real brokers. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { mqtt } from "@echarde/codec-mqtt";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import { type MosquittoServer, skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { connectAsync } from "mqtt";
import { type Authority, makeAuthority } from "../security/certificates.ts";
import { PATIENCE } from "./client.ts";

describe("MQTT over WebSocket", { skip: skipWithout("mosquitto", "openssl") }, () => {
  let brokers: readonly MosquittoServer[];
  let authority: Authority;
  before(async () => {
    authority = makeAuthority();
    brokers = await Promise.all([startMosquitto(), startMosquitto()]);
  });
  after(async () => {
    authority?.remove();
    await Promise.all((brokers ?? []).map((broker) => broker.stop()));
  });

  async function start(tls: object): Promise<{ server: ShardServer; ports: readonly number[] }> {
    const endpoints = brokers.map(({ port }) => [`127.0.0.1:${port}`]);
    const server = await createShardServer({
      codec: mqtt({ seed: "test" }),
      listen: ["ws://127.0.0.1:0/mqtt", "127.0.0.1:0"],
      table: {
        protocol: "mqtt",
        defaultCluster: "cloud",
        clusters: { cloud: { endpoints: endpoints[0] }, edge: { endpoints: endpoints[1] } },
        routes: [{ prefix: "edge", cluster: "edge" }],
      },
      ...tls,
    });
    const ports = server.addresses.map((each) => ("port" in each ? each.port : 0));
    return { server, ports };
  }

  for (const protocolVersion of [4, 5] as const) {
    for (const secure of [false, true]) {
      test(`version ${protocolVersion}${secure ? " with TLS" : ""}: all messages, beside a client over TCP`, async () => {
        const pair = authority.issue("127.0.0.1", "IP:127.0.0.1");
        const { server, ports } = await start(secure ? { tls: pair } : {});
        const common = { protocolVersion, ca: authority.pem, connectTimeout: PATIENCE };
        const ends: (() => Promise<unknown>)[] = [() => server.close()];
        try {
          const web = await connectAsync(
            `${secure ? "wss" : "ws"}://127.0.0.1:${ports[0]}/mqtt`,
            common,
          );
          ends.push(() => web.endAsync(true));
          const tcp = await connectAsync(
            `${secure ? "mqtts" : "mqtt"}://127.0.0.1:${ports[1]}`,
            common,
          );
          ends.push(() => tcp.endAsync(true));
          const got = { web: [] as string[], tcp: [] as string[] };
          const seen = (topic: string, payload: Buffer): string =>
            `${topic} ${payload.subarray(0, 8)} ${payload.length}`;
          const whole = new Promise<void>((resolve, reject) => {
            const timer = setTimeout(
              () => reject(new Error(`${got.web.length} and ${got.tcp.length} messages came`)),
              PATIENCE,
            );
            const look = (): void => {
              if (got.web.length < 60 || got.tcp.length < 60) return;
              clearTimeout(timer);
              resolve();
            };
            web.on("message", (topic, payload) => {
              got.web.push(seen(topic, payload));
              look();
            });
            tcp.on("message", (topic, payload) => {
              got.tcp.push(seen(topic, payload));
              look();
            });
          });
          await web.subscribeAsync("#", { qos: 2 });
          await tcp.subscribeAsync("#", { qos: 2 });
          const expected: string[] = [];
          for (let i = 0; i < 60; i++) {
            const topic = i % 2 === 0 ? "edge/x" : "cloud/x";
            // Every tenth is above what one read or one frame of a small size holds.
            const payload = Buffer.from(String(i).padEnd(i % 10 === 0 ? 300_000 : 10));
            expected.push(seen(topic, payload));
            await (i % 4 < 2 ? web : tcp).publishAsync(topic, payload, {
              qos: (i % 3) as 0 | 1 | 2,
            });
          }
          await whole;
          assert.deepEqual(got.web.sort(), expected.sort());
          assert.deepEqual(got.tcp.sort(), expected);
        } finally {
          for (const end of ends.reverse()) await end();
        }
      });
    }
  }

  test("WebSocket is refused for other protocols, and a path that is none", async () => {
    const refused = (listen: string, protocol: string): Promise<string> =>
      createShardServer({
        codec: mqtt(),
        listen,
        table: { protocol, defaultCluster: "a", clusters: { a: { endpoints: ["127.0.0.1:1"] } } },
      }).then(
        (server) => server.close().then(() => "listens"),
        (error: Error) => error.message,
      );
    assert.match(await refused("ws://127.0.0.1:0/mqtt", "redis"), /WebSocket is for MQTT only/);
    assert.match(await refused("wss://127.0.0.1:0/mqtt", "mqtt"), /must be host:port/);
    assert.equal(await refused("ws://127.0.0.1:0/mqtt", "mqtt"), "listens");
  });
});
