/** Random queries over the grammar that the router supports, and what must become of them. */
import { firstSecond, seconds } from "./data.ts";
import type { Choices } from "./random.ts";

/** A query. */
export interface RandomQuery {
  /** Its text. */
  readonly q: string;
  /** What it is, for the report. */
  readonly kind: string;
  /** The support table says that it is answered: to refuse it is a failure. */
  readonly mergeable: boolean;
  /** Rows of equal time may stand in any order, and LIMIT may cut any of them. */
  readonly rows: "raw" | "set" | "exact" | "times";
  /** The server has no order of series for it. */
  readonly anySeriesOrder: boolean;
  /** Whether LIMIT or OFFSET cut rows. */
  readonly cut: boolean;
}

/** How the measurements of a database stand. */
export type Level = "whole" | "split";

/** Makes a query. */
export function randomQuery(choices: Choices, level: Level): RandomQuery {
  const make = choices.of([
    raw,
    raw,
    aggregate,
    aggregate,
    aggregate,
    selector,
    top,
    distinct,
    other,
    nested,
    show,
  ]);
  const query = make(choices);
  // Where measurements stand whole, all is one cluster's, or a union: but for numbers to fill in for fields that only some of them have.
  const several = /FROM (?:\/|[^(]*, (?:mem|"disk io"|nosuch))/.test(query.q);
  if (level === "whole" && !(several && /fill\(\d/.test(query.q))) {
    return { ...query, mergeable: true };
  }
  return query;
}

const measurements = ["cpu", "cpu", "cpu", "net", "two", "mem", '"disk io"'];

function source(choices: Choices): string {
  if (choices.percent(5)) return choices.of(["/^c/", "/net|mem/", "/./"]);
  if (choices.percent(5)) return choices.of(["cpu, mem", 'net, "disk io"', "cpu, nosuch"]);
  return choices.of(measurements);
}

/** `upper` = an upper bound of time, and most times a lower one. */
function where(choices: Choices, bounds: "any" | "upper" | "both"): string {
  const parts: string[] = [];
  const bounded = bounds !== "any";
  const lower = (firstSecond + choices.below(seconds)) * 1e9;
  if (bounded || choices.percent(30)) {
    if (bounds === "both" || choices.percent(bounded ? 85 : 75)) {
      parts.push(`time ${choices.of([">", ">="])} ${BigInt(lower - (bounded ? 20e9 : 0))}`);
    }
    const span = (choices.below(60) + 5) * 1e9;
    parts.push(`time ${choices.of(["<", "<="])} ${BigInt(lower) + BigInt(span)}`);
  } else if (choices.percent(10)) parts.push("time < now()");
  if (choices.percent(25)) {
    parts.push(
      choices.of([
        "host = 'a'",
        "(host = 'a' OR host = 'b')",
        "host = 'h e' AND dc = 'x'",
        "host != 'a'",
        "host =~ /^[abc]$/",
        "dc = ''",
        "dc != 'x'",
        "host = 'back\\\\slash'",
        "host = 'nosuch'",
        "rack = 'r0'",
      ]),
    );
  }
  if (choices.percent(20)) {
    parts.push(
      choices.of([
        "n > 0",
        "f < 50.5",
        "s = 'p'",
        "s != 'p'",
        "s =~ /[pq]/",
        "k = true",
        "u > 100",
        "n != 3",
        "f + 1 > 3",
      ]),
    );
  }
  return parts.length === 0 ? "" : ` WHERE ${parts.join(" AND ")}`;
}

const groupings = [
  "host",
  "dc",
  "host, dc",
  "rack",
  "*",
  "dc, rack",
  "nosuch",
  "/^h/",
  "dc, host, rack",
];

function tail(choices: Choices): { text: string; cut: boolean } {
  let text = choices.percent(20) ? " ORDER BY time DESC" : "";
  let cut = false;
  if (choices.percent(20)) {
    cut = true;
    text += ` LIMIT ${choices.below(5) + 1}`;
    if (choices.percent(40)) text += ` OFFSET ${choices.below(4)}`;
  }
  if (choices.percent(10)) {
    text += ` SLIMIT ${choices.below(3) + 1}`;
    if (choices.percent(50)) text += ` SOFFSET ${choices.below(3)}`;
  }
  return { text, cut };
}

function raw(choices: Choices): RandomQuery {
  const list = choices.of([
    "*",
    "u",
    "n, f",
    "u, host",
    "s, k, u",
    "n + f",
    "u * 2 AS double",
    "/^[nfu]$/",
    "*::field",
    "u, nosuch",
    "-u",
    "u, u",
  ]);
  const group = choices.percent(25) ? ` GROUP BY ${choices.of(groupings)}` : "";
  const { text, cut } = tail(choices);
  const q = `SELECT ${list} FROM ${source(choices)}${where(choices, "any")}${group}${text}`;
  return {
    q,
    kind: `raw${group === "" ? "" : " by tags"}`,
    mergeable: true,
    rows: "raw",
    cut,
    anySeriesOrder: false,
  };
}

const numbers = ["n", "f", "u", "big"];

function aggregate(choices: Choices): RandomQuery {
  const calls = Array.from({ length: choices.below(3) + 1 }, () => {
    const name = choices.of(["count", "sum", "min", "max", "mean", "spread", "count(distinct)"]);
    const field = choices.of(
      name === "count"
        ? ["n", "s", "k", "u", "nosuch"]
        : numbers.slice(0, choices.percent(90) ? 3 : 4),
    );
    if (name === "count(distinct)") return `count(distinct(${field}))`;
    return `${name}(${field})${choices.percent(15) ? ` AS x${choices.below(9)}` : ""}`;
  });
  if (choices.percent(10))
    calls.splice(
      0,
      9,
      choices.of(["count(*)", "mean(*)", "max(/^[nf]$/)", "sum(*), count(u)", "spread(*) AS z"]),
    );
  const timed = choices.percent(55);
  const by = choices.percent(50) ? choices.of(groupings) : "";
  const window = choices.of([
    "time(7s)",
    "time(20s)",
    "time(20s, 5s)",
    "time(1m)",
    "time(13s, -4s)",
  ]);
  const dims = [...(timed ? [window] : []), ...(by === "" ? [] : [by])];
  const fill =
    timed && choices.percent(70)
      ? ` fill(${choices.of(["none", "null", "0", "2.5", "previous", "linear"])})`
      : "";
  // Without an upper bound windows go on until now, which is years after the data.
  const bounded = timed && !fill.includes("none");
  // Windows with an offset and no lower bound make influxd itself fill from 1677 on: it does not end.
  const bounds = !bounded ? "any" : window.includes(",") ? "both" : "upper";
  const { text, cut } = tail(choices);
  const group = dims.length === 0 ? "" : ` GROUP BY ${dims.join(", ")}`;
  const q = `SELECT ${calls.join(", ")} FROM ${source(choices)}${where(choices, bounds)}${group}${fill}${text}`;
  const kind = `aggregates${timed ? " by time" : ""}${by === "" ? "" : " by tags"}`;
  // Sums beyond 2^53, and numbers to fill in for a field that may be unknown, are refused.
  const list = calls.join();
  const open = /mean\((?:big|\*)/.test(list) || (/big|\*/.test(list) && /fill\(\d/.test(fill));
  // So is filling backwards to where nobody has said.
  const endless = bounded && text.includes("DESC") && !/time >/.test(q);
  return { q, kind, mergeable: !open && !endless, rows: "exact", cut, anySeriesOrder: false };
}

function selector(choices: Choices): RandomQuery {
  const name = choices.of(["first", "last", "min", "max"]);
  const aux = choices.percent(50) ? choices.of([", host", ", n, dc", ", *"]) : "";
  const field = aux === "" ? choices.of(["u", "n", "f", "k"]) : "u";
  const timed = choices.percent(30);
  const two =
    aux === "" && choices.percent(30) ? `, ${choices.of(["last(u)", "first(n)", "mean(f)"])}` : "";
  const by = choices.percent(40) ? choices.of(groupings) : "";
  const dims = [...(timed ? ["time(20s)"] : []), ...(by === "" ? [] : [by])];
  const group =
    dims.length === 0 ? "" : ` GROUP BY ${dims.join(", ")}${timed ? " fill(none)" : ""}`;
  const { text, cut } = tail(choices);
  const q = `SELECT ${name}(${field})${aux}${two} FROM ${source(choices)}${where(choices, timed ? "both" : "any")}${group}${text}`;
  const kind = `selectors${timed ? " by time" : ""}${aux === "" ? "" : " with columns"}`;
  const mergeable = !timed;
  // Which of more than two points of equal time is the first hangs, on one server, on the times of all its series: see ties.test.ts.
  const tied = /first|last/.test(name + two);
  return { q, kind, mergeable, rows: tied ? "times" : "exact", cut, anySeriesOrder: false };
}

function top(choices: Choices): RandomQuery {
  const timed = choices.percent(30);
  const aux = choices.percent(30) ? ", host" : "";
  const by = choices.percent(40) ? choices.of(groupings) : "";
  const dims = [...(timed ? ["time(20s)"] : []), ...(by === "" ? [] : [by])];
  const group = dims.length === 0 ? "" : ` GROUP BY ${dims.join(", ")}`;
  const tags = choices.of(["", "", "", "host, ", "host, dc, ", "dc, ", "dc, host, rack, "]);
  const from = source(choices);
  const q = `SELECT ${choices.of(["top", "bottom"])}(u, ${tags}${choices.below(4) + 1})${aux} FROM ${from}${where(choices, timed ? "both" : "any")}${group}`;
  return {
    q,
    kind: `top and bottom${timed ? " by time" : ""}`,
    mergeable:
      tags === "" ||
      (from === "cpu" && tags.includes("host")) ||
      (from === "two" && /host.*dc|dc.*host/.test(tags)),
    rows: "raw",
    cut: false,
    anySeriesOrder: false,
  };
}

function distinct(choices: Choices): RandomQuery {
  const field = choices.of(["n", "s", "k", "f"]);
  const timed = choices.percent(30);
  const by = choices.percent(40) ? choices.of(groupings) : "";
  const dims = [
    ...(timed ? [choices.of(["time(20s)", "time(7s)", "time(3s, 1s)"])] : []),
    ...(by === "" ? [] : [by]),
  ];
  const fill = timed
    ? choices.of([
        " fill(none)",
        "",
        " fill(null)",
        " fill(2.5)",
        " fill(previous)",
        " fill(linear)",
      ])
    : "";
  const group = dims.length === 0 ? "" : ` GROUP BY ${dims.join(", ")}${fill}`;
  const tail = choices.percent(30) ? choices.of([" ORDER BY time DESC", " LIMIT 3"]) : "";
  const q = `SELECT ${choices.of([`distinct(${field})`, `DISTINCT ${field}`])} FROM ${source(choices)}${where(choices, timed ? "both" : "any")}${group}${tail}`;
  return {
    ...{ q, kind: `distinct${timed ? " by time" : ""}`, mergeable: true, rows: "set" },
    ...{ cut: tail.includes("LIMIT"), anySeriesOrder: false },
  };
}

/** What depends on neighbours or on all values: only right where each series is on one server. */
function other(choices: Choices): RandomQuery {
  const call = choices.of([
    "percentile(u, 50)",
    "median(f)",
    "mode(n)",
    "stddev(u)",
    "derivative(u, 1s)",
    "difference(n)",
    "moving_average(u, 2)",
    "cumulative_sum(u)",
    "elapsed(u, 1s)",
    "integral(u)",
    "sum(n) / count(n)",
    "mean(u) + 1",
    "first(u), n",
    "top(u, host, 2)",
    "sum(s)",
    "foo(u)",
  ]);
  const group = choices.percent(50)
    ? ` GROUP BY ${choices.of(["host", "*", "dc", "host, dc"])}`
    : "";
  const q = `SELECT ${call} FROM ${choices.of(measurements)}${where(choices, "any")}${group}`;
  return {
    q,
    kind: "other functions",
    mergeable: false,
    rows: "raw",
    cut: false,
    anySeriesOrder: call.startsWith("integral"),
  };
}

function nested(choices: Choices): RandomQuery {
  // The first ones group by what their measurement is split by, the last ones are rows without a limit.
  const inners = [
    "SELECT max(u) AS m FROM cpu GROUP BY host",
    "SELECT mean(u) AS m FROM two GROUP BY host, dc",
    "SELECT count(u) AS m FROM cpu GROUP BY dc",
    "SELECT max(u) AS m FROM mem GROUP BY host",
    "SELECT u AS m FROM cpu",
    "SELECT u AS m FROM net WHERE host = 'a'",
  ];
  const which = choices.below(inners.length);
  const inner = inners[which];
  const outer = choices.of(["mean(m)", "sum(m), count(m)", "m", "max(m)"]);
  const group = choices.percent(30) ? " GROUP BY host" : "";
  return {
    ...{ q: `SELECT ${outer} FROM (${inner})${group}`, kind: "sub-queries" },
    ...{ mergeable: which > 3 || (which < 2 && outer !== "m") },
    ...{ rows: "raw", cut: false, anySeriesOrder: false },
  };
}

function show(choices: Choices): RandomQuery {
  const limit = choices.percent(30)
    ? ` LIMIT ${choices.below(4) + 1}${choices.percent(50) ? ` OFFSET ${choices.below(3)}` : ""}`
    : "";
  const q = choices.of([
    `SHOW MEASUREMENTS${limit}`,
    `SHOW SERIES${limit}`,
    `SHOW SERIES FROM cpu WHERE host = 'a'${limit}`,
    `SHOW TAG KEYS${limit}`,
    `SHOW TAG KEYS FROM cpu`,
    `SHOW TAG VALUES WITH KEY = host${limit}`,
    `SHOW TAG VALUES FROM two WITH KEY IN (host, dc)${limit}`,
    `SHOW FIELD KEYS${limit}`,
    `SHOW FIELD KEYS FROM /cpu|net/`,
    "SHOW MEASUREMENTS WITH MEASUREMENT =~ /c|d/",
    "SHOW SERIES EXACT CARDINALITY",
    "SHOW MEASUREMENT EXACT CARDINALITY",
    "SHOW TAG KEY EXACT CARDINALITY",
    "SHOW TAG VALUES EXACT CARDINALITY WITH KEY = host",
    "SHOW FIELD KEY EXACT CARDINALITY",
    "SHOW SERIES CARDINALITY",
    "SHOW RETENTION POLICIES",
  ]);
  return { q, kind: "show", mergeable: true, rows: "exact", cut: false, anySeriesOrder: false };
}
