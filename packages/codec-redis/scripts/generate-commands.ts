/**
 * Writes src/commands/table.generated.ts from what a redis-server 7.0 says of
 * its commands, and the reviewed overrides. Run: `pnpm generate`. Fails when a
 * command has a form that the table cannot hold, or an override is idle.
 */
import { writeFile } from "node:fs/promises";
import type { CommandRow, KeySpec } from "../src/commands/command.ts";
import { flagNames } from "../src/commands/flags.ts";
import { type Override, overrides } from "../src/commands/overrides.ts";
import { type Decoded, redisVersion, startRedis } from "./redis-server.ts";

const version = redisVersion();
if (!version?.startsWith("7.0.")) throw new Error(`needs redis-server 7.0, found ${version}`);
const server = await startRedis();
try {
  const client = await server.connect();
  const reply = await client.call("COMMAND");
  const found = (reply as Decoded[]).flatMap(rowsOf);
  client.close();
  const rows = applyAll(found).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const lines = rows.map((row) => `  ${JSON.stringify(row)},`);
  await writeFile(
    new URL("../src/commands/table.generated.ts", import.meta.url),
    `/** Commands of Redis ${version}, with src/commands/overrides.ts applied. Written by scripts/generate-commands.ts: do not edit. */
import type { CommandRow } from "./command.ts";

/** Version of the server that the table was read from. */
export const redisVersion = "${version}";

/** Every command and subcommand, by name. */
export const rows: readonly CommandRow[] = [
${lines.join("\n")}
];
`,
  );
  console.log(`${rows.length} commands and subcommands of Redis ${version}`);
} finally {
  await server.stop();
}

/** The rows of one element of COMMAND: the command and its subcommands. */
function rowsOf(element: Decoded): CommandRow[] {
  const fields = element as Decoded[];
  const name = text(fields[0]);
  const flags = (fields[2] as Decoded[]).map(text);
  const specs = (fields[8] as Decoded[]).map(asMap);
  const subcommands = (fields[9] as Decoded[]).flatMap(rowsOf);
  const bits = flags.reduce((sum, flag) => sum | (flagNames[flag] ?? 0), 0);
  const changed = overrides.some((one) => one.name === name && one.grammar !== undefined);
  const compiled = changed ? [] : specs.map((spec) => specOf(name, spec));
  const channels = specs.length > 0 && specs.every((spec) => flagsOf(spec).includes("not_key"));
  const row: CommandRow = [
    name,
    fields[1] as number,
    bits,
    compiled.length > 0 ? "specs" : "none",
    channels ? "shard-channel" : "key",
    compiled,
  ];
  return [row, ...subcommands];
}

function specOf(name: string, spec: Map<string, Decoded>): KeySpec {
  const begin = asMap(spec.get("begin_search") ?? null);
  const keys = asMap(spec.get("find_keys") ?? null);
  const kinds = `${text(begin.get("type"))} ${text(keys.get("type"))}`;
  const index = asMap(begin.get("spec") ?? null).get("index") as number;
  const how = asMap(keys.get("spec") ?? null);
  const number = (field: string): number => how.get(field) as number;
  if (kinds === "index range") {
    return [0, index, number("lastkey"), number("keystep"), number("limit")];
  }
  if (kinds === "index keynum") {
    return [1, index, number("keynumidx"), number("firstkey"), number("keystep")];
  }
  throw new Error(`${name}: key spec "${kinds}" needs an override`);
}

function applyAll(found: readonly CommandRow[]): CommandRow[] {
  const byName = new Map(found.map((row) => [row[0], row]));
  for (const one of overrides) byName.set(one.name, applied(one, byName.get(one.name)));
  return [...byName.values()];
}

function applied(one: Override, row: CommandRow | undefined): CommandRow {
  if (one.arity !== undefined) {
    if (row) throw new Error(`override of ${one.name}: the server knows it`);
    const bits = (one.flags ?? []).reduce((sum, flag) => sum | (flagNames[flag] ?? 0), 0);
    return [one.name, one.arity, bits, one.grammar ?? "none", one.kind ?? "key", one.specs ?? []];
  }
  if (!row) throw new Error(`override of ${one.name}: no such command`);
  const [name, arity, flags, grammar, kind, specs] = row;
  const next: CommandRow = [
    name,
    arity,
    flags,
    one.grammar ?? grammar,
    one.kind ?? kind,
    one.specs ?? specs,
  ];
  if (JSON.stringify(next) === JSON.stringify(row)) {
    throw new Error(`override of ${one.name} changes nothing`);
  }
  return next;
}

function flagsOf(spec: Map<string, Decoded>): string[] {
  return (spec.get("flags") as Decoded[]).map(text);
}

/** A RESP2 map: names and values in turn. */
function asMap(value: Decoded): Map<string, Decoded> {
  const list = value as Decoded[];
  const map = new Map<string, Decoded>();
  for (let i = 0; i < list.length; i += 2) map.set(text(list[i]), list[i + 1] as Decoded);
  return map;
}

function text(value: Decoded | undefined): string {
  return String(value);
}
