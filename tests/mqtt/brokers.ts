/** Real brokers and a router in front of them. */
import { createServer } from "node:net";
import { mqtt } from "@echarde/codec-mqtt";
import { createShardServer, type ShardServer, type ShardServerOptions } from "@echarde/host-node";
import {
  type MosquittoOptions,
  type MosquittoServer,
  startMosquitto,
} from "@echarde/testkit/servers";
import { Aedes } from "aedes";

/** A router and its brokers. */
export interface Behind {
  /** By the names of the table: m1, m2, … */
  readonly brokers: readonly MosquittoServer[];
  readonly server: ShardServer;
  /** Port of the router on 127.0.0.1. */
  readonly port: number;
  /** Ends all of it. */
  end(): Promise<void>;
}

/** Any broker. */
export interface Broker {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends it. */
  stop(): Promise<unknown>;
}

/** Starts an aedes broker in this process. It speaks MQTT 3.1.1 alone. */
export async function startAedes(): Promise<Broker> {
  const broker = await Aedes.createBroker();
  const server = createServer({ noDelay: true }, broker.handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Starts brokers m1, m2, … and a router with these rules; m1 takes the rest. `options` are those of the table, `more` those of the host. */
export async function startBehind(
  routes: readonly object[],
  each: readonly MosquittoOptions[],
  options: Readonly<Record<string, unknown>> = {},
  more: Pick<ShardServerOptions, "limits" | "timeouts" | "admin"> = {},
): Promise<Behind> {
  const brokers = await Promise.all(each.map((options) => startMosquitto(options)));
  const { server, port } = await startRouter(brokers, routes, options, more);
  return {
    ...{ brokers, server, port },
    end: async () => {
      await server.close();
      await Promise.all(brokers.map((broker) => broker.stop()));
    },
  };
}

/** Starts a router in front of brokers m1, m2, … */
export async function startRouter(
  brokers: readonly Pick<Broker, "port">[],
  routes: readonly object[],
  options: Readonly<Record<string, unknown>> = {},
  more: Pick<ShardServerOptions, "limits" | "timeouts" | "admin"> = {},
): Promise<Pick<Behind, "server" | "port">> {
  const clusters = Object.fromEntries(
    brokers.map(({ port }, i) => [`m${i + 1}`, { endpoints: [`127.0.0.1:${port}`] }]),
  );
  const server = await createShardServer({
    codec: mqtt({ seed: "test" }),
    listen: "127.0.0.1:0",
    table: { protocol: "mqtt", defaultCluster: "m1", clusters, routes, options },
    ...more,
  });
  const { address } = server;
  if (address.type !== "tcp") throw new Error("no TCP address");
  return { server, port: address.port };
}
