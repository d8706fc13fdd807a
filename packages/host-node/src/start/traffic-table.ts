/** The traffic of each cluster for people: a table that is redrawn on a terminal, lines elsewhere. */
import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import { type Counted, Traffic, type TrafficRow } from "./traffic.ts";

/** What is shown. */
export interface TrafficState {
  /** Counters of all upstreams. */
  readonly upstreams: readonly Counted[];
  /** What stands below the table; on a terminal only. */
  readonly below: string;
}

/** See the module. */
export class TrafficTable {
  /** Whether it is redrawn. */
  readonly terminal: boolean;
  readonly #addresses: ReadonlyMap<string, string>;
  readonly #stream: NodeJS.WriteStream;
  readonly #traffic: Traffic;
  readonly #update: ReturnType<typeof createLogUpdate> | null;
  #last: string;

  /** @param addresses - of each cluster by name, in the order of the rows */
  constructor(addresses: ReadonlyMap<string, string>, stream: NodeJS.WriteStream) {
    this.terminal = stream.isTTY === true;
    this.#addresses = addresses;
    this.#stream = stream;
    this.#traffic = new Traffic([...addresses.keys()], performance.now());
    this.#update = this.terminal ? createLogUpdate(stream, { showCursor: true }) : null;
    this.#last = [...addresses].map(() => "0 0").join();
  }

  /** Shows a state. Where there is no terminal, lines are written only when there was traffic. */
  show({ upstreams, below }: TrafficState): void {
    const rows = this.#traffic.rows(upstreams, performance.now());
    if (this.#update !== null) {
      this.#update(`${tableOf(rows, this.#addresses)}\n${below}`);
      return;
    }
    const state = rows.map(({ requests, errors }) => `${requests} ${errors}`).join();
    if (state !== this.#last) for (const row of rows) this.#stream.write(`${lineOf(row)}\n`);
    this.#last = state;
  }

  /** Leaves the last state on the screen. */
  done(): void {
    this.#update?.done();
  }
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

/** With two digits, "-" for none. */
export function milliseconds(value: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(2);
}
