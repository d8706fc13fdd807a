/** `echarde run` with servers behind it, as an operator has it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedisServer, startRedis } from "@echarde/testkit/servers";
import { type RunningCommand, startCommand } from "./command.ts";

/** A running `echarde run`. */
export interface Running {
  readonly command: RunningCommand;
  readonly file: string;
  readonly port: number;
  readonly adminPort: number;
  readonly shards: readonly RedisServer[];
  /** A page of the admin port. */
  get(path: string): Promise<{ status: number; text: string }>;
  /** The value of a metric, by its name and labels as in the text; 0 when it is not there. */
  metric(series: string): Promise<number>;
  /** Log lines of an event. */
  logged(event: string): Record<string, unknown>[];
  /** Ends everything. */
  end(): Promise<void>;
}

/** Text of a configuration: `more` = lines of its own, `routes` = rules before the hash. */
export function configOf(
  shards: readonly RedisServer[],
  more: readonly string[] = [],
  routes: readonly string[] = [],
): string {
  return [
    "protocol: redis",
    "listen: 127.0.0.1:0",
    "admin: { listen: 127.0.0.1:0 }",
    "localCluster: redis1",
    "clusters:",
    ...shards.map(({ port }, i) => `  redis${i + 1}: { endpoints: ["127.0.0.1:${port}"] }`),
    "routes:",
    ...routes.map((route) => `  - ${route}`),
    `  - { hash: crc16-slots, over: [${shards.map((_, i) => `redis${i + 1}`).join(", ")}] }`,
    ...more,
    "",
  ].join("\n");
}

/** Starts it. */
export async function startRunning(
  count: number,
  more: readonly string[] = [],
  routes: readonly string[] = [],
): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), "echarde-run-"));
  const shards = await Promise.all(Array.from({ length: count }, () => startRedis()));
  const file = join(dir, "echarde.yaml");
  writeFileSync(file, configOf(shards, more, routes));
  const command = startCommand("cli.ts", ["run", file]);
  const port = Number((await command.until(/redis on 127\.0\.0\.1:(\d+)/))[1]);
  const adminPort = Number((await command.until(/admin on 127\.0\.0\.1:(\d+)/))[1]);
  const get: Running["get"] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${adminPort}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return {
    ...{ command, file, port, adminPort, shards, get },
    metric: async (series) => {
      const { text } = await get("/metrics");
      const line = text.split("\n").find((each) => each.startsWith(`${series} `));
      return line === undefined ? 0 : Number(line.slice(series.length + 1));
    },
    logged: (event) =>
      command
        .output()
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line["event"] === event),
    end: async () => {
      command.process.kill("SIGKILL");
      await Promise.all(shards.map((shard) => shard.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
