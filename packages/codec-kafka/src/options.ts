import { ConfigError, type RouteSpec } from "@echarde/core";

/** Options of the codec; a table's `options` set them, too. */
export interface KafkaOptions {
  /** `host:port` at which clients reach the router; several when several routers serve the same table. */
  readonly advertised: readonly string[];
  /** Which addresses that clusters tell of may be dialled: those in the table alone (default), or any. */
  readonly nodes: "listed" | "learned";
  /** What to dial instead of an address that a broker advertises. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Home clusters of consumer groups, as `routes` of a table; the default cluster for all others. */
  readonly groups: readonly RouteSpec[];
  /** Home clusters of transactional ids, likewise. */
  readonly transactionalIds: readonly RouteSpec[];
  /** Longest wait, milliseconds, of each round in which a fetch asks several brokers. Default 50. */
  readonly fetchSlice: number;
  /** Milliseconds after which a living consumer's offsets on clusters other than its group's home are committed again. Default a day. */
  readonly offsetRefresh: number;
}

/** The defaults with `given` over them. Throws `ConfigError` for an unknown name or a value of the wrong kind. */
export function kafkaOptions(given: Readonly<Record<string, unknown>>): KafkaOptions {
  for (const [name, value] of Object.entries(given)) {
    const expected = checks.get(name);
    if (expected === undefined)
      fail(name, `unknown option; there are ${[...checks.keys()].join(", ")}`);
    else if (!expected.test(value)) fail(name, `must be ${expected.words}`);
  }
  const { advertised } = given;
  if (advertised === undefined)
    fail("advertised", "must say at which host:port clients reach the router");
  return {
    ...defaults,
    ...given,
    advertised: typeof advertised === "string" ? [advertised] : (advertised as readonly string[]),
  };
}

/** An address as `host:port` or `[v6]:port`, null when it is none. */
export function hostAndPort(
  address: string,
): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? null : { host, port };
}

const defaults: Omit<KafkaOptions, "advertised"> = {
  nodes: "listed",
  addresses: {},
  groups: [],
  transactionalIds: [],
  fetchSlice: 50,
  offsetRefresh: 24 * 3_600_000,
};

interface Check {
  readonly words: string;
  readonly test: (value: unknown) => boolean;
}

const isAddress = (value: unknown): boolean =>
  typeof value === "string" && hostAndPort(value) !== null;
const milliseconds: Check = {
  words: "milliseconds above 0",
  test: (value) => typeof value === "number" && value > 0,
};
const routes: Check = { words: "a list of routes", test: Array.isArray };
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    "advertised",
    {
      words: "host:port, or a list of them",
      test: (value) =>
        Array.isArray(value) ? value.length > 0 && value.every(isAddress) : isAddress(value),
    },
  ],
  [
    "nodes",
    { words: "listed or learned", test: (value) => value === "listed" || value === "learned" },
  ],
  [
    "addresses",
    {
      words: "a map of host:port to host:port",
      test: (value) =>
        typeof value === "object" &&
        value !== null &&
        Object.entries(value).every(([from, to]) => isAddress(from) && isAddress(to)),
    },
  ],
  ["groups", routes],
  ["transactionalIds", routes],
  ["fetchSlice", milliseconds],
  ["offsetRefresh", milliseconds],
]);

function fail(name: string, message: string): never {
  throw new ConfigError("bad-option", `options.${name}: ${message}`, [
    { path: ["options", name], message },
  ]);
}
