/** Real Kafka clusters with a router in front, for the tests in this folder. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type KafkaOptions, kafka } from "@echarde/codec-kafka";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import {
  available,
  freePort,
  type KafkaServer,
  type KafkaVersion,
  kafkaJars,
} from "@echarde/testkit/servers";
import { Kafka, logLevel, type SASLOptions } from "kafkajs";

/** A router in front of clusters `a` (the default) and `b` (topics that begin with `b-`). */
export async function startRouter(
  a: KafkaServer,
  b: KafkaServer,
  at: number | null = null,
  options: Partial<KafkaOptions> = {},
): Promise<{ readonly server: ShardServer; readonly port: number }> {
  const port = at ?? (await freePort());
  const server = await createShardServer({
    codec: kafka(options),
    listen: `127.0.0.1:${port}`,
    table: {
      protocol: "kafka",
      clusters: {
        a: { endpoints: [`127.0.0.1:${a.port}`] },
        b: { endpoints: [`127.0.0.1:${b.port}`] },
      },
      defaultCluster: "a",
      routes: [{ prefix: "b-", cluster: "b" }],
      options: {
        advertised: `127.0.0.1:${port}`,
        groups: [{ prefix: "home-b-", cluster: "b" }],
        transactionalIds: [{ prefix: "home-b-", cluster: "b" }],
      },
    },
  });
  return { server, port };
}

/** A kafkajs client of whatever listens on the port; it says nothing of errors that it retries. */
export function clientOf(port: number, sasl?: SASLOptions): Kafka {
  return new Kafka({
    ...{ clientId: "test", brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING },
    ...{ retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 400 } },
    ...(sasl === undefined ? {} : { sasl }),
  });
}

/** Runs a Java tool of a release; gives its standard output. */
export async function runTool(version: KafkaVersion, ...args: readonly string[]): Promise<string> {
  return (await outputsOf(version, ...args)).stdout;
}

/** Likewise, with what it complains of. */
export async function outputsOf(
  version: KafkaVersion,
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const java = available("java") ?? "java";
  const jars = join(kafkaJars(version), "*");
  return promisify(execFile)(
    java,
    ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", jars, ...args],
    { timeout: 120_000, maxBuffer: 64 << 20 },
  );
}

/** Waits until `done` says so. */
export async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const by = Date.now() + 180_000;
  while (!(await done())) {
    if (Date.now() > by) throw new Error(`not within three minutes: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
