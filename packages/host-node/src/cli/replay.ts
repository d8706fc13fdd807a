import { readFileSync } from "node:fs";
import { createRouter, type Router } from "@echarde/core";
import { loadConfig } from "../config/load.ts";
import { loadPacketKind } from "../record/packet-kinds.ts";
import type { PacketKind } from "../record/packets.ts";
import { decodeTrace, type Trace, TraceError } from "../record/trace.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";

/**
 * `echarde replay TRACE [FILE]`: shows what was recorded; with a configuration, what its table would
 * send elsewhere. Nothing is sent. Resolves with the exit code.
 */
export async function replay(
  traceFile: string,
  file: string | undefined,
  output: Output,
): Promise<number> {
  let trace: Trace;
  try {
    trace = decodeTrace(readFileSync(traceFile));
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    output.err(`echarde: ${traceFile}: ${error.message}`);
    return exitCodes.failed;
  }
  const kind = await loadPacketKind(trace.head.protocol);
  if (kind === null) {
    output.err(`echarde: ${traceFile}: a trace of ${JSON.stringify(trace.head.protocol)}`);
    return exitCodes.failed;
  }
  if (file === undefined) {
    for (const { at, cluster, words } of trace.packets)
      output.out(`+${at.toFixed(1)} ms ${cluster}: ${kind.show(words)}`);
    output.out(totals(trace));
    return exitCodes.ok;
  }
  const loaded = await loadConfig(file);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { protocol, data } = loaded.config;
  if (protocol.codec.name !== trace.head.protocol) {
    output.err(
      `echarde: the trace is of ${trace.head.protocol}, ${file} of ${protocol.codec.name}`,
    );
    return exitCodes.failed;
  }
  const router = createRouter({ codec: protocol.codec, table: data });
  const { moved, count, unplanned } = elsewhere(trace, kind, router);
  for (const [line, times] of moved) output.out(times > 1 ? `${line} (${times} times)` : line);
  output.out(
    `${totals(trace)}; ${count} would go elsewhere, ${unplanned} cannot be planned without what was left out`,
  );
  return exitCodes.ok;
}

interface Elsewhere {
  readonly moved: ReadonlyMap<string, number>;
  readonly count: number;
  readonly unplanned: number;
}

/** A packet goes elsewhere when something in it is not for the cluster that had it. */
function elsewhere(trace: Trace, kind: PacketKind, router: Router): Elsewhere {
  const moved = new Map<string, number>();
  let [count, unplanned] = [0, 0];
  for (const { cluster, words } of trace.packets) {
    const planned = kind.plan(words, router);
    if (planned === null) {
      unplanned += 1;
      continue;
    }
    const away = planned.parts.filter(({ clusters }) => !clusters.includes(cluster));
    if (away.length > 0) count += 1;
    for (const { name, clusters, because } of away) {
      const where = clusters.length === 0 ? "no cluster" : clusters.join(", ");
      const line = `${planned.request} ${name}: ${cluster} -> ${where} (${because})`;
      if (moved.has(line) || moved.size < mostLines) moved.set(line, (moved.get(line) ?? 0) + 1);
    }
  }
  return { moved, count, unplanned };
}

function totals({ packets, end, head }: Trace): string {
  const unread = end.unread > 0 ? `, ${end.unread} connections not read to their end` : "";
  const full = end.full ? ", up to its bound" : "";
  return `${packets.length} packets of table ${head.table}${full}${unread}`;
}

/** Lines of a list. */
const mostLines = 1_000;
