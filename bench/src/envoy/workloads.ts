import type { Generator } from "../generator.ts";
import type { Workload } from "../plan.ts";
import type { RateTraffic } from "../redis/drive-rate.ts";
import { redisBenchmark } from "../redis/load.ts";
import { PAYLOAD } from "../redis/workloads.ts";

const CLIENTS = 50;
/** Rates of the original's figures. */
const RATES: readonly number[] = [1_000, 10_000];

/** Names on the command line. */
export const envoyWorkloads: readonly string[] = ["rate", "set", "mget"];

/** SET at fixed rates, SET as fast as it goes without and with a pipeline, MGET of ten keys. */
export function workloadsOf(names: readonly string[], generator: Generator): Workload[] {
  const closed = { clients: CLIENTS, payload: PAYLOAD };
  return [
    ...(names.includes("rate") ? RATES.map((rate) => atRate(rate, generator)) : []),
    ...(names.includes("set")
      ? [1, 16].map((pipeline) => redisBenchmark({ name: "set", pipeline, ...closed }))
      : []),
    ...(names.includes("mget") ? [redisBenchmark({ name: "mget", pipeline: 1, ...closed })] : []),
  ];
}

function atRate(rate: number, generator: Generator): Workload {
  const traffic: RateTraffic = { command: "set", clients: CLIENTS, payload: PAYLOAD, rate };
  return {
    ...{ name: `set at ${rate}/s`, pipeline: 1, clients: CLIENTS, payload: PAYLOAD },
    warmUp: rate,
    run: (port, operations) => generator.run({ protocol: "redis", port, traffic, operations }),
  };
}
