import type { Generator } from "../generator.ts";
import type { Workload } from "../plan.ts";
import type { RateTraffic } from "./drive-rate.ts";
import { redisBenchmark } from "./load.ts";

/** Bytes of one value. */
export const PAYLOAD = 1024;
const RATE = 1000;
/** Clients of the fixed rate. */
const RATE_CLIENTS = 10;

/** Names on the command line; each stands for one or two rows of a subject. */
export const redisWorkloads: readonly string[] = ["set", "get", "mget", "mset", "rate"];

/** The traffic of these names. */
export function workloadsOf(
  names: readonly string[],
  clients: number,
  generator: Generator,
): Workload[] {
  const single = [1, 16].flatMap((pipeline) =>
    (["set", "get"] as const)
      .filter((name) => names.includes(name))
      .map((name) => redisBenchmark({ name, pipeline, clients, payload: PAYLOAD })),
  );
  const many = (["mget", "mset"] as const)
    .filter((name) => names.includes(name))
    .map((name) => redisBenchmark({ name, pipeline: 1, clients, payload: PAYLOAD }));
  return [...single, ...many, ...(names.includes("rate") ? [atRate(generator)] : [])];
}

function atRate(generator: Generator): Workload {
  const traffic: RateTraffic = { clients: RATE_CLIENTS, payload: PAYLOAD, rate: RATE };
  return {
    ...{ name: `get at ${RATE}/s`, pipeline: 1, clients: RATE_CLIENTS, payload: PAYLOAD },
    warmUp: RATE,
    run: (port, operations) => generator.run({ protocol: "redis", port, traffic, operations }),
  };
}
