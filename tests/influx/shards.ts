/** Real influxd behind a router, and one with all the data beside them. */

import { connect } from "node:net";
import { type InfluxOptions, influx } from "@echarde/codec-influx";
import { createShardServer, type ShardServer } from "@echarde/host-node";
import { type InfluxdServer, type Relay, startInfluxd, startRelay } from "@echarde/testkit/servers";

/** Servers that tests run against, each where it is there. */
export const programs: readonly string[] = ["influxd", "influxd-1.8"];

/** How to start {@link Shards}. */
export interface ShardsOptions {
  /** One of {@link programs}; `influxd` unless given. */
  readonly program?: string;
  /** More lines for the servers' configuration, in `[http]`. */
  readonly config?: readonly string[];
  /** Servers behind the router, 3 unless given. */
  readonly count?: number;
  /** A relay between the router and each server. */
  readonly relayed?: boolean;
  /** Options of the codec. */
  readonly codec?: Partial<InfluxOptions>;
  /** Limits of the router. */
  readonly limits?: { readonly maxMemory: number };
  /** Times of the router. */
  readonly timeouts?: { readonly request: number };
}

/** Servers `influx1`, `influx2`, … and a router that spreads keys over them. */
export interface Shards {
  /** The servers behind the router. */
  readonly servers: readonly InfluxdServer[];
  /** The relays, in the same order; empty unless asked for. */
  readonly relays: readonly Relay[];
  /** The router. */
  readonly router: ShardServer;
  /** Its port. */
  readonly port: number;
  /** A measurement of database `d` that stands whole on the server with this index. */
  measurementOn(server: number): string;
  /** Ends all. */
  close(): Promise<void>;
}

/** Puts a router in front of servers that run. */
async function routerOver(
  servers: readonly { readonly port: number }[],
  options: ShardsOptions = {},
): Promise<{ readonly router: ShardServer; readonly port: number }> {
  const names = servers.map((_, i) => `influx${i + 1}`);
  const endpoint = (i: number): string => `127.0.0.1:${servers[i]?.port}`;
  const router = await createShardServer({
    codec: influx(options.codec),
    table: {
      clusters: Object.fromEntries(names.map((name, i) => [name, { endpoints: [endpoint(i)] }])),
      localCluster: "influx1",
      routes: [{ hash: "rendezvous", over: names }],
    },
    listen: "127.0.0.1:0",
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    timeouts: options.timeouts ?? { request: 20_000 },
  });
  const { address } = router;
  if (address.type !== "tcp") throw new Error("the router listens on a TCP port");
  return { router, port: address.port };
}

/** Starts servers and a router. */
export async function startShards(options: ShardsOptions = {}): Promise<Shards> {
  const { count = 3, program = "influxd", relayed = false, config = [] } = options;
  const start = (): Promise<InfluxdServer> => startInfluxd({ program, config });
  const servers = await Promise.all(Array.from({ length: count }, start));
  const relays = relayed ? await Promise.all(servers.map(({ port }) => startRelay(port))) : [];
  const { router, port } = await routerOver(relayed ? relays : servers, options);
  return {
    servers,
    relays,
    router,
    port,
    measurementOn: (server) => {
      for (let i = 0; ; i++) {
        const body = `only${i} v=1 1`;
        const head = `POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}`;
        const [explained] = router.explain(Buffer.from(`${head}\r\n\r\n${body}`));
        if (explained?.keys[0]?.cluster === `influx${server + 1}`) return `only${i}`;
      }
    },
    close: async () => {
      await router.close();
      await Promise.all(relays.map((relay) => relay.close()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

/** What came back for one request. */
export interface Answer {
  /** Status. */
  readonly status: number;
  /** Body, decoded as UTF-8. */
  readonly body: string;
  /** Headers. */
  readonly headers: Headers;
}

/** One request with fetch. */
export async function send(port: number, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    signal: AbortSignal.timeout(60_000),
    ...init,
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** A write on a connection of its own, read without a parser: servers quote any byte in headers. */
export async function writeRaw(port: number, lines: string, database: string): Promise<string> {
  const body = Buffer.from(lines);
  const head = `POST /write?db=${database} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
  const socket = connect(port, "127.0.0.1");
  socket.end(Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`), body]));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const reply = Buffer.concat(chunks);
  const end = reply.indexOf("\r\n\r\n");
  const status = reply.toString("latin1", 9, 12);
  const chunked = /^Transfer-Encoding: chunked/im.test(reply.toString("latin1", 0, end));
  if (!chunked) return `${status} ${reply.subarray(end + 4)}`;
  const data: Buffer[] = [];
  for (let at = end + 4; ; ) {
    const line = reply.indexOf("\r\n", at);
    const size = Number.parseInt(reply.toString("latin1", at, line), 16);
    if (!(size > 0)) return `${status} ${Buffer.concat(data)}`;
    data.push(reply.subarray(line + 2, line + 2 + size));
    at = line + 4 + size;
  }
}

/** A query by POST. */
export function query(
  port: number,
  q: string,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = new URLSearchParams({ q, db: "d", ...params });
  return send(port, "/query", { method: "POST", body, headers });
}

/** A write. */
export function write(
  port: number,
  lines: string | Uint8Array,
  params: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const path = `/write?${new URLSearchParams({ db: "d", ...params })}`;
  return send(port, path, { method: "POST", body: lines as string, headers });
}
