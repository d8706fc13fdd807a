import { kafka } from "@echarde/codec-kafka";
import { exitCodes } from "../cli/exit-codes.ts";
import { firstSignal } from "../cli/signals.ts";
import { systemErrorWords } from "../cli/system-error.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
import { showBrokers } from "./broker-table.ts";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { findKafka, howToGetKafka, type KafkaServer, startKafka } from "./kafka-servers.ts";
import type { LiveTable } from "./live-table.ts";

/**
 * The main job over Kafka: two empty clusters of one broker each, topics that begin with `alert` at the
 * edge and all else in the cloud, the router in front, and a live table, until a signal. Resolves with
 * the exit code; nothing that was started is left.
 *
 * @param port - on 127.0.0.1; 0 = any free one
 */
export async function runKafkaJob(port: number): Promise<number> {
  const java = findProgram("java");
  const jars = findKafka();
  if (java === null || jars === null) {
    process.stderr.write(`${howToGetKafka}\n`);
    return exitCodes.failed;
  }
  const signal = firstSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const started: KafkaServer[] = [];
  let server: ShardServer | null = null;
  let shown: LiveTable | null = null;
  // Clients are told the port, so it must be known before anything listens.
  const own = port === 0 ? await freePort() : port;
  try {
    const starting = names.map(async () => {
      const broker = await startKafka(java, jars);
      started.push(broker);
      return broker;
    });
    const outcomes = await Promise.allSettled(starting);
    const addresses = new Map<string, string>();
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === "rejected") throw outcome.reason;
      addresses.set(names[i] as string, `127.0.0.1:${outcome.value.port}`);
    }
    const listen = `127.0.0.1:${own}`;
    const table = tableOf(addresses, listen);
    server = await createShardServer({ codec: kafka(), listen, table, counters: true });
    greet(own, addresses);
    shown = showBrokers(server, addresses, process.stdout);
    await signal.came;
    return exitCodes.ok;
  } catch (error) {
    const words = systemErrorWords(
      error,
      [{ type: "tcp", host: "127.0.0.1", port: own }],
      `choose another port: npm start -- kafka --port ${own + 1}`,
    );
    process.stderr.write(`${words}\n`);
    return exitCodes.failed;
  } finally {
    shown?.stop();
    await server?.close();
    await Promise.all(started.map((broker) => broker.end()));
    signal.forget();
  }
}

const names = ["cloud", "edge"] as const;

function tableOf(addresses: ReadonlyMap<string, string>, advertised: string): object {
  return {
    protocol: "kafka",
    defaultCluster: "cloud",
    clusters: Object.fromEntries(
      [...addresses].map(([name, endpoint]) => [name, { endpoints: [endpoint] }]),
    ),
    routes: [{ prefix: "alert", cluster: "edge" }],
    options: { advertised },
  };
}

function greet(port: number, addresses: ReadonlyMap<string, string>): void {
  const behind = [...addresses].map(([name, endpoint]) => `${name} on ${endpoint}`).join(", ");
  const tool = 'java -cp ".cache/kafka/3.9.1/*"';
  const server = `--bootstrap-server 127.0.0.1:${port}`;
  process.stdout.write(
    [
      `Kafka on 127.0.0.1:${port}, two empty clusters behind it: ${behind}.`,
      "Topics that begin with alert are the edge's, all others the cloud's.",
      "Paste each line into a terminal of its own and type into the first; then the second reads it:",
      "",
      `  ${tool} kafka.tools.ConsoleProducer ${server} --topic alert-room1`,
      `  ${tool} org.apache.kafka.tools.consumer.ConsoleConsumer ${server} --include '.*' --from-beginning`,
      "",
      "",
    ].join("\n"),
  );
}
