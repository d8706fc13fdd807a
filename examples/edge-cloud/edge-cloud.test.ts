/** The scenario with small numbers. What is asserted holds however slow the machine is. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { skipWithout, skipWithoutKafka } from "@echarde/testkit/servers";
import { compareInflux } from "./influx.ts";
import { compareKafka } from "./kafka.ts";
import { compareMqtt } from "./mqtt.ts";
import { type Comparison, DELAY, percentile, type Scale } from "./scenario.ts";

const scale: Scale = { devices: 2, alerts: 3 };

function isAsPromised({ inCloud, atEdge }: Comparison): void {
  assert.equal(inCloud.latencies.length, scale.devices * scale.alerts);
  assert.equal(atEdge.latencies.length, scale.devices * scale.alerts);
  const soonest = Math.min(...inCloud.latencies);
  assert.ok(soonest >= 2 * DELAY, `to the cloud and back in ${soonest} ms`);
  assert.ok(atEdge.toCloud > 0, "telemetry or its means go to the cloud");
  const saved = inCloud.toCloud - atEdge.toCloud;
  assert.ok(saved > 0, `${saved} bytes are saved`);
}

test("MQTT: alerts stay at the edge", async () => {
  const comparison = await compareMqtt(scale);
  isAsPromised(comparison);
  const saved = comparison.inCloud.toCloud - comparison.atEdge.toCloud;
  assert.ok(saved >= scale.devices * scale.alerts * 1_000, `no alert went there: ${saved} saved`);
});

test("InfluxDB: raw points stay at the edge", { skip: skipWithout("influxd") }, async () => {
  isAsPromised(await compareInflux(scale));
});

test("Kafka: alerts stay at the edge", { skip: skipWithoutKafka() }, async () => {
  isAsPromised(await compareKafka(scale));
});

test("the command prints both tables", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...["--conditions=source", "--import", "tsx"],
    fileURLToPath(new URL("main.ts", import.meta.url)),
    ...["mqtt", "--devices", "1", "--alerts", "2"],
  ]);
  assert.match(stdout, /everything in the cloud +\d+\.\d ms +\d+\.\d ms +\d+\.\d kB/);
  assert.match(stdout, /alerts at the edge +\d+\.\d ms +\d+\.\d ms +\d+\.\d kB/);
});

test("percentiles", () => {
  const values = [5, 1, 4, 2, 3];
  assert.deepEqual(
    [0, 0.5, 0.99, 1].map((share) => percentile(values, share)),
    [1, 3, 5, 5],
  );
});
