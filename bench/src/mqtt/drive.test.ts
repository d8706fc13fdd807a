import assert from "node:assert/strict";
import { test } from "node:test";
import { skipWithout, startMosquitto } from "@echarde/testkit/servers";
import { startGenerator } from "../generator.ts";
import type { MqttTraffic } from "./drive.ts";
import { packetReader, publishTemplate } from "./packets.ts";

test("packets are found however they are cut", () => {
  const { bytes, idAt, payloadAt } = publishTemplate("bench/1", 1, 200);
  assert.equal(idAt, payloadAt - 2);
  const all = Buffer.concat([bytes, Buffer.from([0xd0, 0]), bytes]);
  for (let cut = 1; cut < all.length; cut++) {
    const found: [number, number][] = [];
    const read = packetReader((_, first, at, end) => found.push([first, end - at]));
    read(all.subarray(0, cut));
    read(all.subarray(cut));
    const one = [0x32, 2 + 7 + 2 + 200];
    assert.deepEqual(found, [one, [0xd0, 0], one], `cut at ${cut}`);
  }
});

test("every delivery is waited for", { skip: skipWithout("mosquitto") }, async () => {
  const broker = await startMosquitto();
  const generator = startGenerator();
  const run = (traffic: MqttTraffic, operations: number) =>
    generator.run({ protocol: "mqtt", port: broker.port, traffic, operations });
  try {
    for (const qos of [0, 1] as const) {
      const fanIn = { publishers: 3, subscribers: 1, qos, payload: 16, window: 4, rate: null };
      const fanOut = { publishers: 1, subscribers: 3, qos, payload: 64, window: 4, rate: 500 };
      assert.equal((await run(fanIn, 500)).operations, 500);
      const { operations, p50Ms, p99Ms, seconds } = await run(fanOut, 100);
      assert.equal(operations, 102, "whole messages to three subscribers");
      assert.ok(p50Ms > 0 && p99Ms >= p50Ms, `p50 ${p50Ms}, p99 ${p99Ms}`);
      // the last of 34 messages is due after 33 of 2 ms
      assert.ok(seconds >= 0.065, `the rate is kept: ${seconds} s`);
    }
    await broker.stop();
    const traffic: MqttTraffic = {
      ...{ publishers: 1, subscribers: 1, qos: 0, payload: 16, window: 1, rate: null },
    };
    await assert.rejects(run(traffic, 1), /ECONNREFUSED/);
  } finally {
    await generator.close();
    await broker.stop();
  }
});
