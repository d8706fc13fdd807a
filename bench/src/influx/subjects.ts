import { type RunningProgram, startPipe } from "@echarde/testkit/servers";
import { echarde, echardeObstacle } from "../echarde.ts";
import { connectHttp, requestOf } from "./http.ts";

/** One kind of subject. */
export interface InfluxSubject {
  /** How many servers it stands before: 1, the same for all of them, or several. */
  readonly shards: number;
  /** Why it cannot be had here, or null. */
  obstacle(): string | null;
  /** Starts it before servers; null where the server itself is the subject. */
  start(servers: readonly RunningProgram[]): Promise<RunningProgram | null>;
}

/** All subjects of the InfluxDB benchmark, in the order of the report. */
export const influxSubjects: Readonly<Record<string, InfluxSubject>> = {
  direct: { shards: 1, obstacle: () => null, start: async () => null },
  pipe: {
    shards: 1,
    obstacle: () => null,
    start: ([single]) => startPipe((single as RunningProgram).port),
  },
  "echarde 1": { shards: 1, obstacle: echardeObstacle, start: router },
  "echarde 3": { shards: 3, obstacle: echardeObstacle, start: router },
};

function router(servers: readonly RunningProgram[]): Promise<RunningProgram> {
  const names = servers.map((_, i) => `influx${i + 1}`);
  return echarde(
    (port) => [
      "protocol: influx",
      `listen: 127.0.0.1:${port}`,
      "localCluster: influx1",
      "clusters:",
      ...servers.map((one, i) => `  ${names[i]}: { endpoints: ["127.0.0.1:${one.port}"] }`),
      "routes:",
      `  - { hash: rendezvous, over: [${names.join(", ")}] }`,
      "options:",
      "  split:",
      "    - { by: [host] }",
    ],
    { ready: answersPing },
  );
}

async function answersPing(port: number): Promise<boolean> {
  const client = await connectHttp(port);
  try {
    return (await client.send(requestOf("/ping", null))).status === 204;
  } finally {
    client.close();
  }
}
