/** One broker against a router with several: the same scripts, the same messages. */
import assert from "node:assert/strict";
import { topicKeyMap } from "@echarde/codec-mqtt";
import { compileTable } from "@echarde/core";
import { startMosquitto } from "@echarde/testkit/servers";
import { startBehind } from "./brokers.ts";
import { makeScript, play, rulesFor } from "./script.ts";

/** What was compared. */
export interface Compared {
  /** Scripts that gave the same. */
  readonly scripts: number;
  /** Messages that clients got through the router. */
  readonly messages: number;
  /** Of these, by broker. */
  readonly byBroker: ReadonlyMap<string, number>;
}

/** Plays the scripts of `count` seeds from `seed` on in both worlds. Throws at the first difference. */
export async function compare(brokers: number, seed: number, count: number): Promise<Compared> {
  const single = await startMosquitto();
  const behind = await startBehind(
    rulesFor(brokers),
    Array.from({ length: brokers }, () => ({})),
  );
  const clusters = { m1: {}, m2: {}, ...(brokers > 2 ? { m3: {} } : {}) };
  const table = compileTable(
    {
      defaultCluster: "m1",
      clusters: Object.fromEntries(
        Object.keys(clusters).map((name, i) => [name, { endpoints: [`127.0.0.1:${i + 1}`] }]),
      ),
      routes: rulesFor(brokers),
    },
    { hashTag: null, keyMap: topicKeyMap },
  );
  const byBroker = new Map<string, number>();
  let messages = 0;
  try {
    for (let i = 0; i < count; i++) {
      const script = makeScript(seed + i);
      const run = `s${seed + i}`;
      const told = (world: string) => (error: unknown) => {
        throw new Error(`seed ${seed + i}, ${world}: ${String(error)}`, { cause: error });
      };
      const [expected, actual] = await Promise.all([
        play(single.port, script, run).catch(told("one broker")),
        play(behind.port, script, run).catch(told("router")),
      ]);
      const { delivered: _e, ...wanted } = expected;
      const { delivered, ...got } = actual;
      assert.deepEqual(got, wanted, `seed ${seed + i}, MQTT ${script.version}`);
      messages += delivered.length;
      for (const topic of delivered) {
        const bytes = Buffer.from(topic);
        const index = table.route(bytes, 0, bytes.length);
        const cluster = table.clusters[index]?.name ?? "";
        byBroker.set(cluster, (byBroker.get(cluster) ?? 0) + 1);
      }
    }
  } finally {
    await behind.end();
    await single.stop();
  }
  return { scripts: count, messages, byBroker };
}
