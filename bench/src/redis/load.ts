import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { available, connectRaw, encodeCommand } from "@echarde/testkit/servers";
import type { Load, Workload } from "../plan.ts";
import { KEYS, keyName } from "./keys.ts";

const run = promisify(execFile);

const LOAD_BATCH = 500;
/** Keys of one MGET or MSET. */
const MANY = 10;

/** What a workload of redis-benchmark is made of. */
export interface RedisTraffic {
  /** One of redis-benchmark's tests, or a command over ten keys. */
  readonly name: "set" | "get" | "mget" | "mset";
  /** Requests that a client has in flight. */
  readonly pipeline: number;
  /** Connections at once. */
  readonly clients: number;
  /** Bytes of one value. */
  readonly payload: number;
}

/**
 * Traffic of redis-benchmark over 10,000 random keys. It comes with Redis, is written in C and so
 * leaves the machine to what is measured, and gives rate, p50 and p99.
 */
export function redisBenchmark(traffic: RedisTraffic): Workload {
  const program = available("redis-benchmark");
  if (program === null) throw new Error("redis-benchmark is not installed");
  return {
    ...traffic,
    ...(isMany(traffic) ? { batch: MANY } : {}),
    warmUp: (traffic.pipeline === 1 ? 30_000 : 150_000) / (isMany(traffic) ? 5 : 1),
    run: async (port, operations) => {
      const { stdout } = await run(program, [
        ...["-h", "127.0.0.1", "-p", String(port)],
        ...["-n", String(operations), "-c", String(traffic.clients)],
        ...["-d", String(traffic.payload), "-P", String(traffic.pipeline)],
        ...["-r", String(KEYS), "--csv", "--precision", "3"],
        ...(isMany(traffic) ? manyKeys(traffic) : ["-t", traffic.name]),
      ]);
      return parse(stdout, operations);
    },
  };
}

function isMany({ name }: RedisTraffic): boolean {
  return name === "mget" || name === "mset";
}

/** A command of its own for redis-benchmark, which puts a number into each key. */
function manyKeys({ name, payload }: RedisTraffic): string[] {
  const item = name === "mget" ? ["key:__rand_int__"] : ["key:__rand_int__", "x".repeat(payload)];
  return [name.toUpperCase(), ...Array.from({ length: MANY }, () => item).flat()];
}

/**
 * Reads the CSV of one test of redis-benchmark 6.2 or later.
 *
 * @throws Error when it is anything else, such as an error that the server gave
 */
export function parse(csv: string, operations: number): Load {
  const [head, row] = csv
    .trim()
    .split("\n")
    .slice(-2)
    .map((line) => line.split(",").map((cell) => cell.replaceAll('"', "")));
  const column = (name: string): number => Number(row?.[head?.indexOf(name) ?? -1]);
  const load = {
    operations,
    seconds: operations / column("rps"),
    p50Ms: column("p50_latency_ms"),
    p99Ms: column("p99_latency_ms"),
  };
  if (Object.values(load).every((value) => Number.isFinite(value) && value > 0)) return load;
  throw new Error(`redis-benchmark said:\n${csv}`);
}

/**
 * Stores a value under every key that `redisBenchmark` asks for, so that GET never misses.
 *
 * @param port - where the subject listens: it decides which shard gets a key
 * @throws Error when a value cannot be stored or is not found again
 */
export async function fill(port: number, payload: number): Promise<void> {
  const client = await connectRaw(port);
  const value = Buffer.alloc(payload, "x");
  try {
    for (const name of ["SET", "GET"] as const) {
      for (let first = 0; first < KEYS; first += LOAD_BATCH) {
        const batch = Array.from({ length: LOAD_BATCH }, (_, i) => {
          const key = keyName(first + i);
          return name === "SET" ? encodeCommand(name, key, value) : encodeCommand(name, key);
        });
        client.send(Buffer.concat(batch));
        const expected = name === "SET" ? "+OK\r\n" : `$${payload}\r\n${value}\r\n`;
        for (const reply of await client.replies(LOAD_BATCH)) {
          if (reply.toString("latin1") !== expected) {
            throw new Error(`${name} was answered with ${reply.toString("latin1").slice(0, 80)}`);
          }
        }
      }
    }
  } finally {
    await client.close();
  }
}
