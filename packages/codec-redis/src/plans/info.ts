/**
 * INFO over all clusters as one server: each field has a rule. What is true of
 * one process only (its id, its port, its files) is left out rather than
 * guessed; `INFO SHARD n` shows one cluster as it is.
 */
import {
  ascending,
  foldByKey,
  max,
  min,
  type NextPlan,
  type Plan,
  type Reply,
  sum,
} from "@echarde/core";
import { frameOf, local, refuse, splitFailure } from "../failures.ts";
import type { Request } from "../request.ts";
import type { RedisSession } from "../session.ts";
import { compareVersions } from "../versions.ts";
import { latin1, latin1Text, parseInteger } from "../wire/ascii.ts";
import { ReplyItem } from "../wire/reply-reader.ts";
import { verbatimText } from "../wire/reply-writer.ts";
import { encodeRequest } from "../wire/request-writer.ts";
import { broadcast } from "./keyspace.ts";
import { fragment, part } from "./sending.ts";

/** How the values of one field become one. */
type Rule = "sum" | "max" | "min" | "first" | "human" | "drop" | { readonly fixed: string };

/** INFO, INFO section…, INFO SHARD n. */
export function info(session: RedisSession, request: Request): Plan {
  if (request.argc === 3 && request.is(1, "shard")) return shardInfo(session, request);
  const own = wantsOwnSection(request);
  const { protocol } = session; // RESET behind it in a pipeline changes it before the replies come
  return broadcast(session, request, (replies) => {
    const failure = splitFailure(replies, false);
    return (
      failure ??
      local(verbatimText(merge(replies, own ? session.runtime.clusterCount : 0), protocol))
    );
  });
}

function shardInfo(session: RedisSession, request: Request): Plan {
  const { runtime } = session;
  const named = runtime.indexOf(request.text(2));
  const number = parseInteger(request.bytes, request.start[2] as number, request.end[2] as number);
  const cluster = named >= 0 ? named : number;
  if (!(cluster >= 0 && cluster < runtime.clusterCount)) return refuse("ERR no such cluster");
  const bytes = encodeRequest([latin1("INFO")]);
  return fragment([part(cluster, "shared", [bytes])], (replies): NextPlan => {
    return splitFailure(replies, false) ?? local(frameOf(replies[0]) as Uint8Array);
  });
}

/** Our own section is part of "everything" and of a request that names it. */
function wantsOwnSection(request: Request): boolean {
  if (request.argc === 1) return true;
  for (let i = 1; i < request.argc; i++) {
    if (["echarde", "all", "default", "everything"].some((name) => request.is(i, name)))
      return true;
  }
  return false;
}

interface Section {
  readonly name: string;
  readonly fields: Map<string, string[]>;
}

function merge(replies: readonly Reply[], ownClusters: number): string {
  const sections = new Map<string, Section>();
  const item = new ReplyItem();
  for (const reply of replies) {
    const frame = frameOf(reply) as Uint8Array;
    item.open(frame);
    const from = frame[0] === 61 ? item.from + 4 : item.from; // a verbatim string begins with "txt:"
    collect(sections, latin1Text(frame, from, item.to));
  }
  const parts = [...sections.values()].map((section) => {
    const lines = [...section.fields]
      .map(([name, values]) => combine(name, values))
      .filter((line) => line !== "");
    return [`# ${section.name}`, ...lines].join("\r\n");
  });
  if (ownClusters > 0) parts.push(`# Echarde\r\nclusters:${ownClusters}`);
  return parts.length === 0 ? "" : `${parts.join("\r\n\r\n")}\r\n`;
}

function collect(sections: Map<string, Section>, text: string): void {
  let section: Section | undefined;
  for (const line of text.split("\r\n")) {
    if (line.startsWith("# ")) {
      const name = line.slice(2);
      section = sections.get(name) ?? { name, fields: new Map() };
      sections.set(name, section);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0 || section === undefined) continue;
    const values = section.fields.get(line.slice(0, colon));
    if (values === undefined) section.fields.set(line.slice(0, colon), [line.slice(colon + 1)]);
    else values.push(line.slice(colon + 1));
  }
}

function combine(name: string, values: readonly string[]): string {
  if (/^db\d+$/.test(name)) return `${name}:${database(values)}`;
  if (name.includes("=") || values.some((value) => value.includes("=")))
    return counters(name, values);
  const rule = ruleOf(name);
  if (rule === "drop") return "";
  if (typeof rule !== "string") return `${name}:${rule.fixed}`;
  const numbers = values.map(Number);
  const numeric = numbers.every((number) => Number.isFinite(number));
  if (rule === "first" || (!numeric && rule !== "min")) return `${name}:${values[0] ?? ""}`;
  if (rule === "min") return `${name}:${min(values, compareVersions) ?? ""}`;
  const value = rule === "max" ? (max(numbers, ascending) ?? 0) : sum(numbers);
  return `${name}:${Number.isInteger(value) ? value : value.toFixed(2)}`;
}

/** `keys=3,expires=1,avg_ttl=500`: sums, and the mean weighted by what expires. */
function database(values: readonly string[]): string {
  let keys = 0;
  let expires = 0;
  let weighted = 0;
  for (const value of values) {
    const fields = fieldsOf(value);
    const expiring = fields.get("expires") ?? 0;
    keys += fields.get("keys") ?? 0;
    expires += expiring;
    weighted += expiring * (fields.get("avg_ttl") ?? 0);
  }
  return `keys=${keys},expires=${expires},avg_ttl=${expires === 0 ? 0 : Math.floor(weighted / expires)}`;
}

/** `cmdstat_get:calls=1,usec=2,…`, `errorstat_ERR:count=1`: sums; what is per call is computed anew. */
function counters(name: string, values: readonly string[]): string {
  const fields = values.flatMap((value) => [...fieldsOf(value)]);
  const totals = foldByKey(fields, (a, b) => a + b);
  if (totals.size === 0 || name.startsWith("latency_percentiles")) return "";
  const calls = totals.get("calls") ?? 0;
  if (totals.has("usec_per_call"))
    totals.set("usec_per_call", calls === 0 ? 0 : (totals.get("usec") ?? 0) / calls);
  const text = [...totals].map(
    ([field, number]) => `${field}=${Number.isInteger(number) ? number : number.toFixed(2)}`,
  );
  return `${name}:${text.join(",")}`;
}

function fieldsOf(value: string): Map<string, number> {
  const fields = new Map<string, number>();
  for (const pair of value.split(",")) {
    const [field, number] = pair.split("=");
    if (field !== undefined && Number.isFinite(Number(number))) fields.set(field, Number(number));
  }
  return fields;
}

function ruleOf(name: string): Rule {
  const fixed = rules.get(name);
  if (fixed !== undefined) return fixed;
  if (name.endsWith("_human") || name.endsWith("_perc") || name.endsWith("_ratio")) return "drop";
  if (name.endsWith("_in_progress")) return "max";
  if (
    /^(total_|used_cpu_|keyspace_|expired_|evicted_|allocator_|used_memory|mem_|sync_|acl_access)/.test(
      name,
    )
  ) {
    return "sum";
  }
  return "first";
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["redis_version", "min"],
  ["redis_mode", { fixed: "standalone" }],
  ["role", { fixed: "master" }],
  ["cluster_enabled", { fixed: "0" }],
  ["connected_slaves", { fixed: "0" }],
  ["uptime_in_seconds", "min"],
  ["uptime_in_days", "min"],
  ["loading", "max"],
  ["async_loading", "max"],
  ["blocked_clients", "sum"],
  ["tracking_clients", "sum"],
  ["clients_in_timeout_table", "sum"],
  ["instantaneous_ops_per_sec", "sum"],
  ["instantaneous_input_kbps", "sum"],
  ["instantaneous_output_kbps", "sum"],
  ["rdb_changes_since_last_save", "sum"],
  ["pubsub_channels", "sum"],
  ["pubsub_patterns", "max"],
  ["pubsubshard_channels", "sum"],
  ["unexpected_error_replies", "sum"],
  ["rejected_connections", "sum"],
  ["maxmemory", "sum"],
  ["maxclients", "min"],
  ["number_of_cached_scripts", "max"],
  ["number_of_functions", "max"],
  ["number_of_libraries", "max"],
  ["active_defrag_running", "max"],
  ["run_id", "drop"],
  ["tcp_port", "drop"],
  ["process_id", "drop"],
  ["process_supervised", "drop"],
  ["connected_clients", "sum"],
  ["executable", "drop"],
  ["config_file", "drop"],
  ["server_time_usec", "max"],
  ["lru_clock", "max"],
  ["master_replid", "drop"],
  ["master_replid2", "drop"],
  ["master_repl_offset", "drop"],
  ["second_repl_offset", "drop"],
]);
