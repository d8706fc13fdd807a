import { randomBytes } from "node:crypto";
import { mqtt } from "@echarde/codec-mqtt";
import { exitCodes } from "../cli/exit-codes.ts";
import { firstSignal } from "../cli/signals.ts";
import { systemErrorWords } from "../cli/system-error.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
import { showBrokers } from "./broker-table.ts";
import type { LiveTable } from "./live-table.ts";
import { brokerKind, type MqttBroker } from "./mqtt-brokers.ts";

/**
 * The main job over MQTT: two empty brokers of our own, `alert/…` at the edge and all else in the
 * cloud, the router in front, and a live table, until a signal. Resolves with the exit code; nothing
 * that was started is left.
 *
 * @param port - on 127.0.0.1; 0 = any free one
 */
export async function runMqttJob(port: number): Promise<number> {
  const kind = brokerKind();
  const signal = firstSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const started: MqttBroker[] = [];
  let server: ShardServer | null = null;
  let shown: LiveTable | null = null;
  try {
    const starting = names.map(async () => {
      const broker = await kind.start();
      started.push(broker);
      return broker;
    });
    const brokers = await Promise.all(starting);
    const addresses = new Map(names.map((name, i) => [name, `127.0.0.1:${brokers[i]?.port}`]));
    server = await createShardServer({
      codec: mqtt({ seed: randomBytes(4).toString("hex") }),
      listen: `127.0.0.1:${port}`,
      table: tableOf(addresses),
      counters: true,
    });
    const { address } = server;
    greet(address.type === "tcp" ? address.port : port, addresses, kind.name);
    shown = showBrokers(server, addresses, process.stdout);
    await signal.came;
    return exitCodes.ok;
  } catch (error) {
    const words = systemErrorWords(
      error,
      [{ type: "tcp", host: "127.0.0.1", port }],
      `choose another port: npm start -- mqtt --port ${port + 1}`,
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

function tableOf(addresses: ReadonlyMap<string, string>): object {
  return {
    protocol: "mqtt",
    defaultCluster: "cloud",
    clusters: Object.fromEntries(
      [...addresses].map(([name, endpoint]) => [name, { endpoints: [endpoint] }]),
    ),
    routes: [
      { prefix: "alert", cluster: "edge" },
      { filter: "site/+/alert/#", cluster: "edge" },
    ],
  };
}

function greet(port: number, addresses: ReadonlyMap<string, string>, kind: string): void {
  const behind = [...addresses].map(([name, endpoint]) => `${name} on ${endpoint}`).join(", ");
  process.stdout.write(
    [
      `MQTT on 127.0.0.1:${port}, two empty brokers behind it, ${kind}: ${behind}.`,
      "Topics alert/… and site/+/alert/… are the edge's, all others the cloud's.",
      "Paste the first line into a second terminal and the others into a third one:",
      "",
      `  mosquitto_sub -p ${port} -t '#' -v`,
      `  mosquitto_pub -p ${port} -t telemetry/room1 -m 21.5`,
      `  mosquitto_pub -p ${port} -t alert/room1 -m fire -q 1`,
      "",
      "",
    ].join("\n"),
  );
}
