import {
  freePort,
  type KafkaServer,
  type RunningProgram,
  startPipe,
} from "@echarde/testkit/servers";
import { echarde, echardeObstacle } from "../echarde.ts";

/** The brokers behind the subjects. */
export interface Brokers {
  /** Cluster of all that no route names: it has the topics of nobody, and gives clients their producer ids. */
  readonly other: KafkaServer;
  /** The one that is written and read, whoever stands before it. */
  readonly measured: KafkaServer;
  /** A port of `measured` of which it says that clients reach it at `pipePort`. */
  readonly piped: number;
  /** Where the byte pipe must listen. */
  readonly pipePort: number;
}

/** One kind of subject. */
export interface KafkaSubject {
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it; null where the broker itself is the subject. */
  start(brokers: Brokers): Promise<RunningProgram | null>;
}

/** All subjects of the Kafka benchmark, in the order of the report. */
export const kafkaSubjects: Readonly<Record<string, KafkaSubject>> = {
  direct: { obstacle: () => null, start: async () => null },
  pipe: {
    obstacle: () => null,
    start: ({ piped, pipePort }) => startPipe(piped, { port: pipePort }),
  },
  echarde: {
    obstacle: echardeObstacle,
    start: ({ other, measured }) =>
      echarde((port) => [
        "protocol: kafka",
        `listen: 127.0.0.1:${port}`,
        "defaultCluster: other",
        "clusters:",
        `  other: { endpoints: ["127.0.0.1:${other.port}"] }`,
        `  measured: { endpoints: ["127.0.0.1:${measured.port}"] }`,
        "routes:",
        "  - { prefix: bench, cluster: measured }",
        "options:",
        `  advertised: 127.0.0.1:${port}`,
      ]),
  },
};

/** Properties of a broker that a byte pipe may stand before: it tells its clients of the pipe. */
export async function pipedProperties(port: number): Promise<{
  readonly piped: number;
  readonly pipePort: number;
  readonly properties: Readonly<Record<string, string>>;
}> {
  const [piped, pipePort, controller] = [await freePort(), await freePort(), await freePort()];
  const at = (name: string, number: number): string => `${name}://127.0.0.1:${number}`;
  const properties = {
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: [at("CLIENT", port), at("PIPED", piped), at("CONTROLLER", controller)].join(","),
    "advertised.listeners": [at("CLIENT", port), at("PIPED", pipePort)].join(","),
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,PIPED:PLAINTEXT",
    "log.retention.check.interval.ms": "1000",
    "log.initial.task.delay.ms": "1000",
    "log.segment.delete.delay.ms": "1000",
  };
  return { piped, pipePort, properties };
}
