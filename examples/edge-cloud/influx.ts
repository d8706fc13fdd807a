/** InfluxDB: raw points stay where they are measured and looked at, their means go to the cloud. */
import { influx } from "@echarde/codec-influx";
import { createShardServer } from "@echarde/host-node";
import { startInfluxd } from "@echarde/testkit/servers";
import { type Comparison, Ends, type Figures, farAway, type Scale, TELEMETRY } from "./scenario.ts";

/** Runs the scenario with both tables. */
export async function compareInflux(scale: Scale): Promise<Comparison> {
  const ends = new Ends();
  try {
    const [edge, cloud] = await Promise.all([startInfluxd(), startInfluxd()]);
    ends.add(() => Promise.all([edge.stop(), cloud.stop()]));
    // A database for each table, so that none sees the other's points.
    const run = (database: string, routes: readonly object[]): Promise<Figures> =>
      measure({ edge: edge.port, cloud: cloud.port, database }, routes, scale);
    return {
      protocol: "InfluxDB",
      inCloud: await run("far", []),
      atEdge: await run("near", [{ key: "near/raw", cluster: "edge" }]),
      stays: "raw points",
    };
  } finally {
    await ends.run();
  }
}

interface Place {
  readonly edge: number;
  readonly cloud: number;
  readonly database: string;
}

async function measure(
  { edge, cloud, database }: Place,
  routes: readonly object[],
  { devices, alerts }: Scale,
): Promise<Figures> {
  const ends = new Ends();
  try {
    const far = await farAway(cloud);
    ends.add(() => far.close());
    const router = await createShardServer({
      codec: influx(),
      listen: "127.0.0.1:0",
      table: {
        protocol: "influx",
        clusters: {
          edge: { endpoints: [`127.0.0.1:${edge}`] },
          cloud: { endpoints: [`127.0.0.1:${far.port}`] },
        },
        defaultCluster: "cloud",
        localCluster: "cloud",
        routes,
      },
    });
    ends.add(() => router.close());
    const url = `http://127.0.0.1:${"port" in router.address ? router.address.port : 0}`;
    await ask(url, `CREATE DATABASE ${database}`, database);

    const latencies: number[] = [];
    const device = async (name: string): Promise<void> => {
      for (let i = 0; i < alerts; i++) {
        const lines = Array.from(
          { length: TELEMETRY },
          (_, j) =>
            `raw,device=${name} value=${i + j / 10},vibration=0.01,state="ok" ${i * 10 + j + 1}`,
        );
        const sent = performance.now();
        await write(url, lines.join("\n"), database);
        // The alert rule looks at the newest point.
        await ask(url, `SELECT last(value) FROM raw WHERE device = '${name}'`, database);
        latencies.push(performance.now() - sent);
      }
      const mean = await ask(url, `SELECT mean(value) FROM raw WHERE device = '${name}'`, database);
      await write(url, `summary,device=${name} mean=${mean} 1`, database);
    };
    await Promise.all(Array.from({ length: devices }, (_, i) => device(`device${i}`)));
    return { latencies, toCloud: far.passed.toServer };
  } finally {
    await ends.run();
  }
}

async function write(url: string, lines: string, database: string): Promise<void> {
  const response = await fetch(`${url}/write?db=${database}`, { method: "POST", body: lines });
  if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
}

/** The last column of the only row, NaN without one. */
async function ask(url: string, q: string, db: string): Promise<number> {
  const body = new URLSearchParams({ q, db });
  const response = await fetch(`${url}/query`, { method: "POST", body });
  const text = await response.text();
  const [result] = (JSON.parse(text) as Answer).results ?? [];
  if (response.status !== 200 || result === undefined || result.error !== undefined) {
    throw new Error(`${response.status} ${text}`);
  }
  return result.series?.[0]?.values[0]?.at(-1) ?? Number.NaN;
}

interface Answer {
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly values: readonly (readonly number[])[] }[];
  }[];
}
