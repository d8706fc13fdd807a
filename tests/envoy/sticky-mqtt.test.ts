/** MQTT through the sticky route: each client has one Mosquitto, and no other one sees a packet of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type MosquittoServer, skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { type Chain, startChain } from "./chain.ts";

const skip = skipWithout("envoy", "mosquitto");
describe("MQTT, sticky route", { skip, timeout: 240_000 }, () => {
  let brokers: readonly MosquittoServer[] = [];
  let chain: Chain;
  const clients: MqttClient[] = [];
  before(async () => {
    brokers = await Promise.all([startMosquitto(), startMosquitto()]);
    chain = await startChain(
      "sticky",
      () => ({
        protocol: "mqtt",
        localCluster: "m1",
        defaultCluster: "m1",
        clusters: Object.fromEntries(
          brokers.map(({ port }, i) => [`m${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
        ),
        routes: [{ prefix: "edge", cluster: "m2" }],
      }),
      undefined,
      { clients: { "from-two": "m2" } },
    );
  });
  after(async () => {
    for (const client of clients) client.end(true);
    await chain?.close();
    await Promise.all(brokers.map((broker) => broker.stop()));
  });

  const open = async (port: number, options: IClientOptions): Promise<MqttClient> => {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...{ reconnectPeriod: 0, connectTimeout: 60_000, ...options },
    });
    clients.push(client);
    return client;
  };
  /** All messages that a broker gets. */
  const watch = async (broker: number): Promise<string[]> => {
    const got: string[] = [];
    const client = await open(brokers[broker]?.port ?? 0, { protocolVersion: 4 });
    client.on("message", (topic, payload) => got.push(`${topic} ${payload}`));
    await client.subscribeAsync("#", { qos: 1 });
    return got;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    for (const end = Date.now() + 60_000; !condition(); await sleep(10))
      if (Date.now() > end) throw new Error("the condition was not met in time");
  };

  for (const protocolVersion of [4, 5] as const) {
    test(`version ${protocolVersion}: the client id chooses, its own topics pass both ways`, async () => {
      for (const [i, [clientId, own]] of [
        ["any", "cloud/x"],
        ["from-two", "edge/x"],
      ].entries()) {
        const seen = [await watch(0), await watch(1)];
        const client = await open(chain.port, { protocolVersion, clientId: clientId ?? "" });
        const got: string[] = [];
        client.on("message", (topic, payload) => got.push(`${topic} ${payload}`));
        await client.subscribeAsync(own ?? "", { qos: 2 });
        const expected: string[] = [];
        for (let n = 0; n < 30; n++) {
          await client.publishAsync(own ?? "", `${n}`, { qos: (n % 3) as 0 | 1 | 2 });
          expected.push(`${own} ${n}`);
          // Of QoS 0 and 2 the client tells one before the other as it likes.
          await until(() => got.length > n);
        }
        await until(() => got.length >= 30 && (seen[i]?.length ?? 0) >= 30);
        assert.deepEqual(got, expected);
        assert.deepEqual(seen[1 - i], [], "the other broker has seen nothing");
        client.end(true);
      }
    });

    test(`version ${protocolVersion}: a subscription over both brokers is refused, the client stays`, async () => {
      const client = await open(chain.port, { protocolVersion, clientId: `s${protocolVersion}` });
      for (const filter of ["#", "edge/+", "+/x"])
        await assert.rejects(client.subscribeAsync(filter, { qos: 1 }), filter);
      const [granted] = await client.subscribeAsync("cloud/+", { qos: 1 });
      assert.equal(granted?.qos, 1);
    });
  }

  test("5.0: messages of QoS 1 and 2 for another broker are refused in their place", async () => {
    const seen = [await watch(0), await watch(1)];
    const client = await open(chain.port, { protocolVersion: 5, clientId: "five" });
    const codes = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const topic = i % 2 === 0 ? "cloud/y" : "edge/y";
        try {
          await client.publishAsync(topic, `${i}`, { qos: (1 + (i % 3 === 0 ? 1 : 0)) as 1 | 2 });
          return 0;
        } catch (error) {
          return (error as { readonly code?: number }).code ?? -1;
        }
      }),
    );
    assert.deepEqual(
      codes,
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 0 : 0x83)),
    );
    await until(() => (seen[0]?.length ?? 0) >= 20);
    assert.equal(seen[0]?.length, 20);
    assert.deepEqual(seen[1], []);
    assert.equal(client.connected, true);
  });

  test("3.1.1: a message for another broker ends the connection, and gets nowhere", async () => {
    const seen = [await watch(0), await watch(1)];
    const client = await open(chain.port, { protocolVersion: 4, clientId: "four" });
    await client.publishAsync("cloud/z", "1", { qos: 1 });
    const closed = new Promise<void>((resolve) => client.on("close", () => resolve()));
    client.publish("edge/z", "2", { qos: 1 }, () => {});
    await closed;
    const last = await open(brokers[1]?.port ?? 0, { protocolVersion: 4 });
    await last.publishAsync("edge/end", "", { qos: 1 });
    await until(() => seen.every((each) => each.length > 0));
    assert.deepEqual(seen, [["cloud/z 1"], ["edge/end "]]);
  });
});
