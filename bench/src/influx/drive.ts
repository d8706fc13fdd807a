import { percentile } from "../percentile.ts";
import type { Load } from "../plan.ts";
import { DATABASE, linesOf, reads } from "./data.ts";
import { connectHttp, type HttpClient, requestOf } from "./http.ts";

/** What a workload of requests is made of. */
export interface InfluxTraffic {
  /** A write, or one of the reads. */
  readonly kind: "write" | keyof typeof reads;
  /** Lines of a write; 0 for reads. */
  readonly lines: number;
  /** Connections, each with one request in flight. */
  readonly clients: number;
}

const DIFFERENT = 100;
/** Other points in each batch, as far as memory is cheap: 100,000 lines are about 8 MB. */
const MOST_LINES = 100_000;

/** The requests that take turns. */
export function requestsOf({ kind, lines }: InfluxTraffic): Buffer[] {
  const count = Math.min(DIFFERENT, Math.floor(MOST_LINES / Math.max(1, lines)));
  return Array.from({ length: count }, (_, i) =>
    kind === "write"
      ? requestOf(`/write?db=${DATABASE}`, linesOf("written", lines, i * lines))
      : requestOf(`/query?db=${DATABASE}&q=${encodeURIComponent(reads[kind](i))}`, null),
  );
}

/**
 * Sends requests, one at a time on each connection, and waits for the answers.
 *
 * @throws Error when a request is answered with anything but success, or a read without rows
 */
export async function driveInflux(
  port: number,
  traffic: InfluxTraffic,
  operations: number,
): Promise<Load> {
  const requests = requestsOf(traffic);
  const status = traffic.kind === "write" ? 204 : 200;
  const latencies = new Float64Array(operations);
  let sent = 0;
  let answered = 0;
  const work = async (client: HttpClient): Promise<void> => {
    while (sent < operations) {
      const request = requests[sent++ % requests.length] as Buffer;
      const from = performance.now();
      const answer = await client.send(request);
      latencies[answered++] = performance.now() - from;
      const right = answer.status === status && (status === 204 || isRows(answer.body));
      if (!right) throw new Error(`${answer.status} ${answer.body.toString("utf8", 0, 300)}`);
    }
  };
  const clients = await Promise.all(
    Array.from({ length: traffic.clients }, () => connectHttp(port)),
  );
  try {
    const started = performance.now();
    await Promise.all(clients.map(work));
    const seconds = (performance.now() - started) / 1000;
    latencies.sort();
    const [p50Ms, p99Ms] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    return { operations, seconds, p50Ms, p99Ms };
  } finally {
    for (const client of clients) client.close();
  }
}

function isRows(body: Buffer): boolean {
  return body.includes('"values"') && !body.includes('"error"');
}
