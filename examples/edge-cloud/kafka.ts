/** Kafka: a producer writes telemetry.* and alert.* through one bootstrap address; the topic's prefix says where. */
import { setTimeout as sleep } from "node:timers/promises";
import { kafka } from "@echarde/codec-kafka";
import { createShardServer } from "@echarde/host-node";
import { freePort, startKafka } from "@echarde/testkit/servers";
import { Kafka, logLevel } from "kafkajs";
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
export async function compareKafka(scale: Scale): Promise<Comparison> {
  const ends = new Ends();
  try {
    const [edge, cloud] = await Promise.all([startKafka(), startKafka()]);
    ends.add(() => Promise.all([edge.stop(), cloud.stop()]));
    const run = (routes: readonly object[]): Promise<Figures> =>
      measure(edge.port, cloud.port, routes, scale);
    return {
      protocol: "Kafka",
      inCloud: await run([]),
      atEdge: await run([{ prefix: "alert.", cluster: "edge" }]),
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
    const listen = `127.0.0.1:${await freePort()}`;
    const router = await createShardServer({
      codec: kafka(),
      listen,
      table: {
        protocol: "kafka",
        clusters: {
          edge: { endpoints: [`127.0.0.1:${edge}`] },
          cloud: { endpoints: [`127.0.0.1:${far.port}`] },
        },
        defaultCluster: "cloud",
        routes,
        // The group of the alert handler is coordinated where its topic lives.
        options: { advertised: listen, groups: routes },
      },
    });
    ends.add(() => router.close());

    const client = new Kafka({
      ...{ brokers: [listen], logLevel: logLevel.NOTHING },
      ...{ retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 100 } },
    });
    const admin = client.admin();
    ends.add(() => admin.disconnect());
    await admin.connect();
    const topics = ["telemetry.site", "alert.site"];
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 1 })) });

    const latencies: number[] = [];
    let ready = false;
    const handler = client.consumer({ groupId: "alert.handler", maxWaitTimeInMs: 1_000 });
    ends.add(() => handler.disconnect());
    await handler.connect();
    await handler.subscribe({ topics: ["alert.site"], fromBeginning: true });
    await handler.run({
      eachMessage: async ({ message }) => {
        if (message.key === null) ready = true;
        else latencies.push(ageOf(String(message.value)));
      },
    });

    const producer = client.producer();
    ends.add(() => producer.disconnect());
    await producer.connect();
    await producer.send({ topic: "alert.site", messages: [{ key: null, value: "hello" }] });
    await until(() => ready, "the handler hears");
    const before = far.passed.toServer;
    const device = async (key: string): Promise<void> => {
      for (let i = 0; i < alerts; i++) {
        for (let j = 0; j < TELEMETRY; j++) {
          // Nobody waits for the acknowledgement of a measurement.
          await producer.send({
            ...{ topic: "telemetry.site", acks: 0 },
            messages: [{ key, value: telemetry }],
          });
          await sleep(PACE);
        }
        await producer.send({ topic: "alert.site", messages: [{ key, value: alert() }] });
      }
    };
    await Promise.all(Array.from({ length: devices }, (_, i) => device(`device${i}`)));
    await until(() => latencies.length >= devices * alerts, "all alerts are handled");
    return { latencies, toCloud: far.passed.toServer - before };
  } finally {
    await ends.run();
  }
}
