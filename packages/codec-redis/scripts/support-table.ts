/**
 * Writes the support table of docs/redis.md from the command table and its
 * decisions, between the two marks. With --check it only says whether the file
 * is up to date (exit 1 if not). Run by `pnpm --filter @echarde/codec-redis support`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Command } from "../src/commands/command.ts";
import { CommandIndex } from "../src/commands/lookup.ts";
import { redisVersion } from "../src/commands/table.generated.ts";

const file = new URL("../../../docs/redis.md", import.meta.url);
const begin = "<!-- support table: generated, do not edit -->";
const end = "<!-- end of the support table -->";

const text = readFileSync(file, "utf8");
const before = text.slice(0, text.indexOf(begin) + begin.length);
const after = text.slice(text.indexOf(end));
const next = `${before}\n${table()}\n${after}`;

if (!process.argv.includes("--check")) writeFileSync(file, next);
else if (next !== text) {
  console.error("docs/redis.md is out of date: run pnpm --filter @echarde/codec-redis support");
  process.exit(1);
}

function table(): string {
  const rows = new CommandIndex().all.filter((command) => !command.container).map(row);
  const head = [
    `Commands of Redis ${redisVersion}: ${rows.length}.`,
    "",
    "| command | support | what becomes of it |",
    "|---|---|---|",
  ];
  return [...head, ...rows].join("\n");
}

function row(command: Command): string {
  const { kind, how } = command.decision;
  return `| \`${command.label}\` | ${support(kind)} | ${how} |`;
}

function support(kind: string): string {
  if (kind === "refuse") return "refused";
  if (kind.startsWith("admin-")) return "option `admin`";
  return "yes";
}
