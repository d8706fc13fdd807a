/**
 * The benchmarks' command line: `main.ts PROTOCOL [--quick] [--json FILE] [--only A,B]
 * [--rounds N] [--seconds N] [--no-micro]`.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { influxMicro } from "./influx/micro.ts";
import { influxPlan } from "./influx/plan.ts";
import { type Micro, measureMicro } from "./micro.ts";
import { mqttPlan } from "./mqtt/plan.ts";
import type { BenchPlan } from "./plan.ts";
import { redisMicro } from "./redis/micro.ts";
import { redisPlan } from "./redis/plan.ts";
import { machine, type Report, table } from "./report.ts";
import { type Effort, measure } from "./runner.ts";

/** A protocol's plan, and the functions whose cost is measured without sockets. */
interface Entry {
  readonly plan: BenchPlan;
  readonly micro: readonly Micro[];
}

const entries: readonly Entry[] = [
  { plan: redisPlan, micro: redisMicro },
  { plan: mqttPlan, micro: [] },
  { plan: influxPlan, micro: influxMicro },
];

const QUICK: Effort = { rounds: 3, seconds: 0.7 };
const FULL: Effort = { rounds: 5, seconds: 4 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    "no-micro": { type: "boolean", default: false },
  },
});

const entry = entries.find(({ plan }) => plan.protocol === positionals[0]);
if (entry === undefined || positionals.length !== 1) {
  const known = entries.map(({ plan }) => plan.protocol).join("|");
  fail(
    `usage: bench ${known} [--quick] [--json FILE] [--only SUBJECT,…] [--rounds N] [--seconds N]`,
  );
}
const { plan, micro } = entry;
const names = values.only?.split(",") ?? plan.subjects;
const unknown = names.filter((name) => !plan.subjects.includes(name));
if (unknown.length > 0) {
  fail(`no subject ${unknown.join(", ")}: there are ${plan.subjects.join(", ")}`);
}
const usual = values.quick ? QUICK : FULL;
const effort: Effort = {
  rounds: positive("--rounds", values.rounds, usual.rounds),
  seconds: positive("--seconds", values.seconds, usual.seconds),
};

const bench = await plan.open(names);
for (const { name, reason } of bench.missing) say(`without ${name}: ${reason}`);
if (bench.subjects.length === 0) fail("nothing is left to measure");
const rows = await measure(bench, effort, say);
await bench.close();
const report: Report = {
  protocol: plan.protocol,
  machine: machine(bench.versions),
  rows,
  micro: values["no-micro"] ? [] : await measureMicro(micro),
};
process.stdout.write(`${table(report, plan.baselines)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function fail(message: string): never {
  say(message);
  process.exit(1);
}

function positive(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (!(value > 0)) fail(`${option} wants a number above 0`);
  return value;
}
