/** The benchmarks' command line; docs/benchmarks.md has its options. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { writeCharts } from "./charts.ts";
import { moduleMicro } from "./envoy/module-micro.ts";
import { envoyPlan } from "./envoy/plan.ts";
import { influxMicro } from "./influx/micro.ts";
import { influxPlan } from "./influx/plan.ts";
import { kafkaMicro } from "./kafka/micro.ts";
import { kafkaPlan } from "./kafka/plan.ts";
import { type Micro, measureMicro } from "./micro.ts";
import { mqttMicro } from "./mqtt/micro.ts";
import { mqttPlan } from "./mqtt/plan.ts";
import type { BenchPlan, Point } from "./plan.ts";
import { type IdleResult, measureIdle } from "./redis/idle.ts";
import { redisMicro } from "./redis/micro.ts";
import { redisPlan } from "./redis/plan.ts";
import { redisStages } from "./redis/stages.ts";
import { machine, type Report, table } from "./report.ts";
import { type Effort, measure, type Row } from "./runner.ts";
import type { StageResult } from "./stages.ts";

/** A protocol's plan, and the functions whose cost is measured without sockets. */
interface Entry {
  readonly plan: BenchPlan;
  readonly micro: readonly Micro[];
  /** Where the time of a request goes. */
  readonly stages?: (seconds: number) => Promise<StageResult[]>;
}

const entries: readonly Entry[] = [
  { plan: redisPlan, micro: redisMicro, stages: redisStages },
  { plan: mqttPlan, micro: mqttMicro },
  { plan: influxPlan, micro: influxMicro },
  { plan: kafkaPlan, micro: kafkaMicro },
  { plan: envoyPlan, micro: moduleMicro },
];

const QUICK: Effort = { rounds: 3, seconds: 0.7 };
const FULL: Effort = { rounds: 5, seconds: 4 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    charts: { type: "string" },
    only: { type: "string" },
    all: { type: "boolean", default: false },
    workloads: { type: "string" },
    series: { type: "string" },
    idle: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    "no-micro": { type: "boolean", default: false },
    "only-micro": { type: "boolean", default: false },
  },
});

const entry = entries.find(({ plan }) => plan.protocol === positionals[0]);
if (entry === undefined || positionals.length !== 1) {
  const known = entries.map(({ plan }) => plan.protocol).join("|");
  fail(`usage: bench ${known} [--quick] [--json FILE], and more in docs/benchmarks.md`);
}
const { plan, micro } = entry;
const subjects = chosen("subject", values.only, plan.subjects, values.all ? null : plan.usual);
const workloads = chosen("workload", values.workloads, plan.workloads ?? [], null);
const usual = values.quick ? QUICK : FULL;
const effort: Effort = {
  rounds: positive("--rounds", values.rounds, usual.rounds),
  seconds: positive("--seconds", values.seconds, usual.seconds),
};

const rows: Row[] = [];
const idle: IdleResult[] = [];
const versions: Record<string, string> = {};
if (!values["only-micro"]) {
  for (const { point, words } of pointsOf(values.series)) {
    if (words !== "") say(words);
    const bench = await plan.open({ subjects, workloads, point });
    try {
      for (const { name, reason } of bench.missing) say(`without ${name}: ${reason}`);
      if (bench.subjects.length === 0) fail("nothing is left to measure");
      Object.assign(versions, bench.versions);
      if (values.idle === undefined) rows.push(...(await measure(bench, effort, say, words)));
      else {
        const clients = positive("--idle", values.idle, 1);
        for (const subject of bench.subjects.filter(({ pids }) => pids.length > 0)) {
          const result = await measureIdle(subject, clients);
          if (result !== null) idle.push(result);
        }
      }
    } finally {
      await bench.close();
    }
  }
}
const withMicro =
  values["only-micro"] ||
  !(values["no-micro"] || values.series !== undefined || values.idle !== undefined);
const report: Report = {
  protocol: plan.protocol,
  machine: machine(versions),
  rows,
  micro: withMicro ? await measureMicro(micro) : [],
  stages: withMicro ? ((await entry.stages?.(values.quick ? 1 : 5)) ?? []) : [],
  idle,
};
process.stdout.write(`${table(report, plan.baselines)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (values.charts !== undefined) writeCharts(values.charts, report);

/** Some of what there is, by name; `usual` (null = all) when nothing is named. */
function chosen(
  what: string,
  given: string | undefined,
  known: readonly string[],
  usual: readonly string[] | null | undefined,
): readonly string[] {
  if (given === undefined) return usual ?? known;
  const names = given.split(",");
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  return fail(`no ${what} ${unknown.join(", ")}: there are ${known.join(", ")}`);
}

/** `shards`, or `shards=3,16,64`; one point without a series. */
function pointsOf(
  text: string | undefined,
): { readonly point: Point | null; readonly words: string }[] {
  if (text === undefined) return [{ point: null, words: "" }];
  const [series = "", list] = text.split("=");
  const known = plan.series?.[series];
  if (known === undefined) {
    fail(`no series ${series}: there are ${Object.keys(plan.series ?? {}).join(", ")}`);
  }
  const points = list === undefined ? known : list.split(",").map(Number);
  if (!points.every((value) => Number.isInteger(value) && value > 0)) {
    fail("--series wants whole numbers above 0");
  }
  return points.map((value) => ({ point: { series, value }, words: `${value} ${series}` }));
}

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
