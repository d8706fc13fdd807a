import { readFileSync } from "node:fs";
import { createRouter, type Router } from "@echarde/core";
import { loadConfig } from "../config/load.ts";
import { encodeCommand } from "../record/mask.ts";
import { decodeTrace, type Trace, TraceError, type TracePacket } from "../record/trace.ts";
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
  if (file === undefined) {
    for (const packet of trace.packets) output.out(packetLine(packet));
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
  const { moved, count, unplanned } = elsewhere(
    trace,
    createRouter({ codec: protocol.codec, table: data }),
  );
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

/** A packet goes elsewhere when one of its keys does. */
function elsewhere(trace: Trace, router: Router): Elsewhere {
  const moved = new Map<string, number>();
  let [count, unplanned] = [0, 0];
  for (const packet of trace.packets) {
    const [first] = router.explain(encodeCommand(packet.words));
    if (first === undefined || first.plan === "refuse") {
      unplanned += 1;
      continue;
    }
    const away = first.keys.filter(({ cluster }) => cluster !== packet.cluster);
    if (away.length > 0) count += 1;
    for (const { key, cluster, because } of away) {
      const where = `${packet.cluster} -> ${cluster ?? "no cluster"} (${because})`;
      const line = `${first.request} ${quoted(key)}: ${where}`;
      if (moved.has(line) || moved.size < mostLines) moved.set(line, (moved.get(line) ?? 0) + 1);
    }
  }
  return { moved, count, unplanned };
}

function packetLine({ at, cluster, words }: TracePacket): string {
  const shown = words.map((word) => (typeof word === "number" ? `(${word} bytes)` : quoted(word)));
  return `+${at.toFixed(1)} ms ${cluster}: ${shown.join(" ")}`;
}

function totals({ packets, end, head }: Trace): string {
  const unread = end.unread > 0 ? `, ${end.unread} connections not read to their end` : "";
  const full = end.full ? ", up to its bound" : "";
  return `${packets.length} packets of table ${head.table}${full}${unread}`;
}

/** Bytes as people read them: nothing that a terminal would act upon. */
function quoted(bytes: Uint8Array): string {
  const cut = bytes.length > 200;
  const text = Buffer.from(cut ? bytes.subarray(0, 200) : bytes).toString("utf8");
  return JSON.stringify(text).replace(/[\u007f-\u009f]/g, "?") + (cut ? "…" : "");
}

/** Lines of a list. */
const mostLines = 1_000;
