/**
 * The edge and the cloud behind one address, three times:
 *
 *     npm start [-- mqtt influx kafka] [--devices N] [--alerts N]
 */
import { parseArgs } from "node:util";
import { available } from "@echarde/testkit/servers";
import { compareInflux } from "./influx.ts";
import { compareKafka } from "./kafka.ts";
import { compareMqtt } from "./mqtt.ts";
import { type Comparison, DELAY, type Figures, percentile, type Scale } from "./scenario.ts";

/** What a part needs to be installed, and the part. */
const parts: Readonly<
  Record<string, { needs: readonly string[]; compare: (scale: Scale) => Promise<Comparison> }>
> = {
  mqtt: { needs: [], compare: compareMqtt },
  influx: { needs: ["influxd"], compare: compareInflux },
  kafka: { needs: ["java", "mvn"], compare: compareKafka },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    devices: { type: "string", default: "10" },
    alerts: { type: "string", default: "30" },
  },
});
const scale: Scale = { devices: Number(values.devices), alerts: Number(values.alerts) };
console.log(
  `${scale.devices} devices with ${scale.alerts} alerts each; the cloud is ${DELAY} ms away in each direction\n`,
);
for (const name of positionals.length > 0 ? positionals : Object.keys(parts)) {
  const part = parts[name];
  if (part === undefined) throw new Error(`${name} is none of ${Object.keys(parts).join(", ")}`);
  const missing = part.needs.filter((program) => available(program) === null);
  if (missing.length > 0) console.log(`${name}: skipped, not installed: ${missing.join(", ")}\n`);
  else print(await part.compare(scale));
}

function print({ protocol, inCloud, atEdge, stays }: Comparison): void {
  console.log(`${protocol.padEnd(26)}alert p50   alert p99   sent to the cloud`);
  line("everything in the cloud", inCloud);
  line(`${stays} at the edge`, atEdge);
  console.log();
}

function line(table: string, { latencies, toCloud }: Figures): void {
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(latencies, share).toFixed(1)} ms`);
  const sent = `${(toCloud / 1_000).toFixed(1)} kB`;
  console.log(`  ${table.padEnd(24)}${p50?.padStart(9)}${p99?.padStart(12)}${sent.padStart(20)}`);
}
