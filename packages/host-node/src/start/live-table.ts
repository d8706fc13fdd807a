import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import type { ShardServer } from "../shard-server.ts";
import { Traffic, type TrafficRow } from "./traffic.ts";

/** Shows a server's traffic until it is stopped. */
export interface LiveTable {
  /** Shows the last state and leaves it on the screen. */
  stop(): void;
}

/** What is shown beside the traffic of each cluster. */
export interface LiveTableOptions {
  /** Address of each cluster by name. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Where to; a table that is redrawn on a terminal, lines elsewhere. */
  readonly stream: NodeJS.WriteStream;
  /** Milliseconds between states. Default: 500 on a terminal, 5,000 elsewhere. */
  readonly interval?: number;
}

/** Starts to show. Where there is no terminal, a line is written only when there was traffic. */
export function showLive(server: ShardServer, options: LiveTableOptions): LiveTable {
  const { stream, addresses } = options;
  const terminal = stream.isTTY === true;
  const traffic = new Traffic(server.clusters, performance.now());
  const update = terminal ? createLogUpdate(stream, { showCursor: true }) : null;
  let last = "";
  const show = (): void => {
    const { upstreams, clients } = server.stats();
    const rows = traffic.rows(upstreams, performance.now());
    if (update !== null) {
      update(
        `${tableOf(rows, addresses)}\n${clients} client${clients === 1 ? "" : "s"} connected. Ctrl-C ends everything.`,
      );
      return;
    }
    const state = rows.map(({ requests, errors }) => `${requests} ${errors}`).join();
    if (state !== last) for (const row of rows) stream.write(`${lineOf(row)}\n`);
    last = state;
  };
  last = traffic
    .rows([], performance.now())
    .map(() => "0 0")
    .join();
  if (terminal) show();
  const timer = setInterval(show, options.interval ?? (terminal ? 500 : 5_000));
  return {
    stop: () => {
      clearInterval(timer);
      show();
      update?.done();
    },
  };
}

function tableOf(rows: readonly TrafficRow[], addresses: ReadonlyMap<string, string>): string {
  const table = new Table({
    head: ["cluster", "address", "requests", "req/s", "errors", "in flight", "p50 ms", "p99 ms"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right"],
    style: { head: ["bold"], border: [], compact: true },
  });
  for (const row of rows) {
    table.push([
      row.cluster,
      addresses.get(row.cluster) ?? "",
      String(row.requests),
      row.perSecond.toFixed(0),
      String(row.errors),
      String(row.inFlight),
      milliseconds(row.p50),
      milliseconds(row.p99),
    ]);
  }
  return table.toString();
}

function lineOf(row: TrafficRow): string {
  const { cluster, requests, perSecond, errors, inFlight, p50, p99 } = row;
  return `${cluster}: ${requests} requests (${perSecond.toFixed(0)}/s), ${errors} errors, ${inFlight} in flight, p50 ${milliseconds(p50)} ms, p99 ${milliseconds(p99)} ms`;
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(2);
}
