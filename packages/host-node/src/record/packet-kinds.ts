import type { PacketKind } from "./packets.ts";

/** How packets of this protocol are recorded; null when there is no way. Loads only the one asked for. */
export async function loadPacketKind(protocol: string): Promise<PacketKind | null> {
  const load = Object.hasOwn(loaders, protocol) ? loaders[protocol] : undefined;
  return load === undefined ? null : load();
}

const loaders: Readonly<Record<string, () => Promise<PacketKind>>> = {
  influx: async () => (await import("./influx-packets.ts")).influxPackets,
  kafka: async () => (await import("./kafka-packets.ts")).kafkaPackets,
  mqtt: async () => (await import("./mqtt-packets.ts")).mqttPackets,
  redis: async () => (await import("./redis-packets.ts")).redisPackets,
};
