import { setTimeout as sleep } from "node:timers/promises";
import Table from "cli-table3";
import type { Address } from "../address.ts";
import type { StateReport } from "../admin/reports.ts";
import { milliseconds, TrafficTable } from "../start/traffic-table.ts";
import { askAdmin, NoAnswer } from "./ask-admin.ts";
import { type CommandRow, commandRows } from "./command-rows.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { firstSignal } from "./signals.ts";
import { systemErrorWords } from "./system-error.ts";

/** What `echarde top` takes. */
export interface TopOptions {
  /** The admin port. */
  readonly admin: Address;
  /** Milliseconds between states. */
  readonly interval: number;
  /** Where the table goes. */
  readonly stream: NodeJS.WriteStream;
}

/** `echarde top`: shows the traffic of a running server until a signal, or until it is gone. Resolves with the exit code. */
export async function top(options: TopOptions, output: Output): Promise<number> {
  const { admin, interval, stream } = options;
  const signal = firstSignal(["SIGINT", "SIGTERM"]);
  const ended = new AbortController();
  void signal.came.then(() => ended.abort());
  let table: TrafficTable | null = null;
  let shown = "";
  let before: { readonly state: StateReport; readonly at: number } | null = null;
  try {
    while (!ended.signal.aborted) {
      const state = (await askAdmin(admin, "/state?limit=0")) as StateReport;
      const at = performance.now();
      const names = Object.keys(state.endpoints).join();
      if (table === null || names !== shown) {
        table?.done();
        const { endpoints } = state;
        const first = Object.entries(endpoints).map(([name, all]) => [name, all[0] ?? ""] as const);
        table = new TrafficTable(new Map(first), stream);
        shown = names;
      }
      const rows =
        before === null ? [] : commandRows(before.state, state, (at - before.at) / 1_000, 10);
      table.show({ upstreams: state.upstreams, below: below(state, rows) });
      before = { state, at };
      await sleep(interval, undefined, { signal: ended.signal }).catch(() => {});
    }
    return exitCodes.ok;
  } catch (error) {
    const words =
      error instanceof NoAnswer ? error.message : systemErrorWords(error, [admin], "try again");
    output.err(`echarde: ${words}`);
    return exitCodes.failed;
  } finally {
    table?.done();
    signal.forget();
  }
}

function below(state: StateReport, rows: readonly CommandRow[]): string {
  const { totals, heldBytes, accepting, counts, workers } = state;
  const down = Object.entries(state.clusters).flatMap(([name, is]) => (is === "down" ? name : []));
  const lines = [
    `${totals.clients} clients, ${totals.links} upstream connections, ${heldBytes} bytes held, ${counts.refused} clients refused`,
    `${workers.serving} workers, table ${state.table}, ${counts.reloads} reloads, ${counts.reloadsRefused} refused${accepting ? "" : "; it is ending"}`,
  ];
  if (down.length > 0) lines.push(`DOWN: ${down.join(", ")}`);
  return rows.length === 0 ? lines.join("\n") : `${commandTable(rows)}\n${lines.join("\n")}`;
}

function commandTable(rows: readonly CommandRow[]): string {
  const table = new Table({
    head: ["command", "req/s", "errors", "p50 ms", "p99 ms"],
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: ["bold"], border: [], compact: true },
  });
  for (const { command, perSecond, errors, p50, p99 } of rows) {
    table.push([
      command,
      perSecond.toFixed(0),
      String(errors),
      milliseconds(p50),
      milliseconds(p99),
    ]);
  }
  return table.toString();
}
