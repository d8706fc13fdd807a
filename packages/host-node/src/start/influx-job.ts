import { influx } from "@echarde/codec-influx";
import { exitCodes } from "../cli/exit-codes.ts";
import { firstSignal } from "../cli/signals.ts";
import { systemErrorWords } from "../cli/system-error.ts";
import { createShardServer, type ShardServer } from "../shard-server.ts";
import { findProgram } from "./find-program.ts";
import { howToGetInflux, type InfluxServer, startInflux } from "./influx-servers.ts";
import { type LiveTable, showLive } from "./live-table.ts";

/** How many influxd stand behind the router. */
const shardCount = 3;

/**
 * The main job over InfluxDB: three empty influxd of our own, measurements spread over them and `cpu`
 * split by host, the router in front, and a live table, until a signal. Resolves with the exit code;
 * nothing that was started is left.
 *
 * @param port - on 127.0.0.1; 0 = any free one
 */
export async function runInfluxJob(port: number): Promise<number> {
  const program = findProgram("influxd");
  if (program === null) {
    process.stderr.write(`${howToGetInflux}\n`);
    return exitCodes.failed;
  }
  const signal = firstSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const started: InfluxServer[] = [];
  let server: ShardServer | null = null;
  let shown: LiveTable | null = null;
  try {
    const starting = Array.from({ length: shardCount }, async () => {
      started.push(await startInflux(program));
    });
    const outcomes = await Promise.allSettled(starting);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    const shards = new Map(started.map((one, i) => [`influx${i + 1}`, `127.0.0.1:${one.port}`]));
    const listen = `127.0.0.1:${port}`;
    server = await createShardServer({ codec: influx(), listen, table: tableOf(shards) });
    const { address } = server;
    greet(address.type === "tcp" ? address.port : port, shards);
    shown = showLive(server, { addresses: shards, stream: process.stdout });
    await signal.came;
    return exitCodes.ok;
  } catch (error) {
    const words = systemErrorWords(
      error,
      [{ type: "tcp", host: "127.0.0.1", port }],
      `choose another port: npm start -- influx --port ${port + 1}`,
    );
    process.stderr.write(`${words}\n`);
    return exitCodes.failed;
  } finally {
    shown?.stop();
    await server?.close();
    await Promise.all(started.map((one) => one.end()));
    signal.forget();
  }
}

function tableOf(shards: ReadonlyMap<string, string>): object {
  const names = [...shards.keys()];
  return {
    protocol: "influx",
    localCluster: names[0],
    clusters: Object.fromEntries(
      [...shards].map(([name, endpoint]) => [name, { endpoints: [endpoint] }]),
    ),
    routes: [{ hash: "rendezvous", over: names }],
    options: { split: [{ measurement: "cpu", by: ["host"] }] },
  };
}

function greet(port: number, shards: ReadonlyMap<string, string>): void {
  const behind = [...shards].map(([name, endpoint]) => `${name} on ${endpoint}`).join(", ");
  const url = `http://127.0.0.1:${port}`;
  process.stdout.write(
    [
      `InfluxDB on 127.0.0.1:${port}, three empty servers behind it: ${behind}.`,
      "Each measurement is on one of them, but cpu is split by its tag host.",
      "Paste this into another terminal:",
      "",
      `  curl '${url}/query' --data-urlencode 'q=CREATE DATABASE demo'`,
      `  curl '${url}/write?db=demo' --data-binary $'cpu,host=a v=1 1000\\ncpu,host=b v=2 2000\\ncpu,host=c v=3 3000\\nmem,host=a free=7i 1000'`,
      `  curl '${url}/query?db=demo' --data-urlencode 'q=SELECT mean(v) FROM cpu; SELECT * FROM cpu'`,
      `  influx -port ${port} -database demo -execute 'SHOW MEASUREMENTS'`,
      "",
      "",
    ].join("\n"),
  );
}
