import { type RunningProgram, startPipe } from "@echarde/testkit/servers";
import { echarde, echardeObstacle } from "../echarde.ts";

/** The brokers that the subjects stand before. */
export interface Brokers {
  /** The one behind direct and pipe. */
  readonly single: RunningProgram;
  /** Those that the router spreads topics over. */
  readonly behind: readonly RunningProgram[];
}

/** One kind of subject. */
export interface MqttSubject {
  /** Whether it stands before several brokers, and not before the single one. */
  readonly sharded: boolean;
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it; null where the broker itself is the subject. */
  start(brokers: Brokers): Promise<RunningProgram | null>;
}

/** All subjects of the MQTT benchmark, in the order of the report. */
export const mqttSubjects: Readonly<Record<string, MqttSubject>> = {
  direct: { sharded: false, obstacle: () => null, start: async () => null },
  pipe: {
    sharded: false,
    obstacle: () => null,
    start: ({ single }) => startPipe(single.port),
  },
  echarde: {
    sharded: true,
    obstacle: echardeObstacle,
    start: ({ behind }) => {
      const names = behind.map((_, i) => `m${i + 1}`);
      return echarde((port) => [
        "protocol: mqtt",
        `listen: 127.0.0.1:${port}`,
        "defaultCluster: m1",
        "clusters:",
        ...behind.map((one, i) => `  ${names[i]}: { endpoints: ["127.0.0.1:${one.port}"] }`),
        "routes:",
        `  - { filter: "bench/#", hash: rendezvous, over: [${names.join(", ")}] }`,
      ]);
    },
  },
};
