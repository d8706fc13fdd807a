import { ConfigError } from "@echarde/core";

/** Which series of a measurement stand together; the first rule that fits counts. */
export interface SplitRule {
  /** Database that the rule is for; every one unless given. */
  readonly database?: string;
  /** Measurement that the rule is for; every one unless given. */
  readonly measurement?: string;
  /** Tags whose values choose the cluster, or `"series"`: all tags. */
  readonly by: readonly string[] | "series";
}

/** Options of the codec; a table's `options` may set them too. */
export interface InfluxOptions {
  /** Measurements that are split inside; all others stand whole on one cluster. Default none. */
  readonly split: readonly SplitRule[];
  /** Databases whose retention policies are told apart in the routing table's keys, and the default policy of each: a write without `rp` means the same data as a query that names this one. Default none. */
  readonly policies: Readonly<Record<string, string>>;
  /** Largest body of a request, bytes. Default 25,000,000, as influxd's `max-body-size`. */
  readonly maxBody: number;
  /** Largest expanded gzip body of a write, bytes. Default 64,000,000. */
  readonly maxExpanded: number;
  /** Rows that a merge of functions may make of one group, and rows by time of one cluster where the answer cannot leave while it is made. Default 1,000,000. */
  readonly maxRows: number;
  /** Bytes of the clusters' answers that one query may hold; an eighth of the router's `maxMemory` where that is less. Default 64,000,000. */
  readonly maxHeld: number;
  /** Milliseconds for a query without progress; -1 = the router's `requestTimeout`. Default 60,000. */
  readonly queryTimeout: number;
}

/** See {@link InfluxOptions}. */
export const defaultInfluxOptions: InfluxOptions = {
  split: [],
  policies: {},
  maxBody: 25_000_000,
  maxExpanded: 64_000_000,
  maxRows: 1_000_000,
  maxHeld: 64_000_000,
  queryTimeout: 60_000,
};

/** The defaults with `given` over them. Throws `ConfigError` for an unknown name or a value of the wrong kind. */
export function influxOptions(given: Readonly<Record<string, unknown>>): InfluxOptions {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaultInfluxOptions, name)) {
      const known = Object.keys(defaultInfluxOptions).join(", ");
      fail([name], `unknown option; there are ${known}`);
    }
    if (name === "split") checkSplit(value);
    else if (name === "policies") checkPolicies(value);
    else if (typeof value !== "number" || !(value > 0 || (name === "queryTimeout" && value === -1)))
      fail([name], "must be a number above 0");
  }
  return { ...defaultInfluxOptions, ...given };
}

function checkSplit(value: unknown): void {
  if (!Array.isArray(value)) fail(["split"], "must be a list of rules");
  value.forEach((rule: unknown, i) => {
    const path = ["split", i];
    if (typeof rule !== "object" || rule === null) fail(path, "must be a rule");
    const { by, database, measurement, ...more } = rule as Record<string, unknown>;
    const [unknown] = Object.keys(more);
    if (unknown !== undefined) {
      fail([...path, unknown], "unknown key; there are database, measurement, by");
    }
    for (const [key, name] of [
      ["database", database],
      ["measurement", measurement],
    ] as const) {
      if (name !== undefined && typeof name !== "string") fail([...path, key], "must be a name");
    }
    const tags = Array.isArray(by) && by.length > 0 && by.every((tag) => typeof tag === "string");
    if (by !== "series" && !tags) fail([...path, "by"], 'must be a list of tags or "series"');
  });
}

function checkPolicies(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    fail(["policies"], "must name the default policy of each database");
  }
  for (const [database, policy] of Object.entries(value)) {
    if (typeof policy !== "string" || policy === "") fail(["policies", database], "must be a name");
  }
}

function fail(path: readonly (string | number)[], message: string): never {
  throw new ConfigError("bad-option", `options.${path.join(".")}: ${message}`, [
    { path: ["options", ...path], message },
  ]);
}
