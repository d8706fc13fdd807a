/** MQTT: a device publishes telemetry and alerts over one connection; the table says which broker gets what. */
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { mqtt } from "@echarde/codec-mqtt";
import { createShardServer } from "@echarde/host-node";
import { available, startMosquitto } from "@echarde/testkit/servers";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import {
  ageOf,
  alert,
  type Comparison,
  Ends,
  type Figures,
  farAway,
  PACE,
  type Scale,
  TELEMETRY,
  telemetry,
  until,
} from "./scenario.ts";

/** Runs the scenario with both tables. */
export async function compareMqtt(scale: Scale): Promise<Comparison> {
  const ends = new Ends();
  try {
    const edge = await startBroker(ends);
    const cloud = await startBroker(ends);
    const run = (routes: readonly object[]): Promise<Figures> =>
      measure(edge, cloud, routes, scale);
    return {
      protocol: available("mosquitto") === null ? "MQTT (aedes)" : "MQTT (Mosquitto)",
      inCloud: await run([]),
      atEdge: await run([{ prefix: "alert", cluster: "edge" }]),
      stays: "alerts",
    };
  } finally {
    await ends.run();
  }
}

async function measure(
  edge: number,
  cloud: number,
  routes: readonly object[],
  { devices, alerts }: Scale,
): Promise<Figures> {
  const ends = new Ends();
  try {
    const far = await farAway(cloud);
    ends.add(() => far.close());
    const router = await createShardServer({
      codec: mqtt({ seed: "site" }),
      listen: "127.0.0.1:0",
      table: {
        protocol: "mqtt",
        clusters: {
          edge: { endpoints: [`127.0.0.1:${edge}`] },
          cloud: { endpoints: [`127.0.0.1:${far.port}`] },
        },
        defaultCluster: "cloud",
        routes,
      },
    });
    ends.add(() => router.close());
    const url = `mqtt://127.0.0.1:${"port" in router.address ? router.address.port : 0}`;

    const handler = await connectAsync(url, { clientId: "alert-handler" });
    ends.add(() => handler.endAsync());
    const latencies: number[] = [];
    handler.on("message", (_topic, payload) => latencies.push(ageOf(payload.toString())));
    await handler.subscribeAsync("alert/#", { qos: 1 });

    const device = async (name: string): Promise<void> => {
      const client = await connectAsync(url, { clientId: name });
      ends.add(() => client.endAsync());
      (client.stream as Socket).setNoDelay(true); // else an alert waits until telemetry is acknowledged
      for (let i = 0; i < alerts; i++) {
        for (let j = 0; j < TELEMETRY; j++) {
          await client.publishAsync(`telemetry/${name}`, telemetry);
          await sleep(PACE);
        }
        await client.publishAsync(`alert/${name}`, alert(), { qos: 1 });
      }
    };
    await Promise.all(Array.from({ length: devices }, (_, i) => device(`device${i}`)));
    await until(() => latencies.length >= devices * alerts, "all alerts are handled");
    return { latencies, toCloud: far.passed.toServer };
  } finally {
    await ends.run();
  }
}

/** Mosquitto when it is installed, else a broker in this process. Gives its port. */
async function startBroker(ends: Ends): Promise<number> {
  if (available("mosquitto") !== null) {
    const broker = await startMosquitto();
    ends.add(() => broker.stop());
    return broker.port;
  }
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.add(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
