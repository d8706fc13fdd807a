import { ConfigError } from "@echarde/core";
import type { CustomCommand } from "./commands/custom.ts";

/** Options of the codec; a table's `options` may set the plain ones too. */
export interface RedisOptions {
  /** What a failed cluster makes of MGET: one error for the command (default), or an error in the place of each of its keys. */
  readonly mgetErrors: "whole" | "per-key";
  /** Where keys of one multi-key command may live: on one cluster (default), or in one hash slot, as Redis Cluster demands. */
  readonly crossSlot: "cluster" | "slot";
  /** Lets administration commands (CONFIG SET, …) through to all clusters. Default false. */
  readonly admin: boolean;
  /** Values longer than this many bytes go through in pieces on a connection of the client's own. Default 64 KiB. */
  readonly cutThrough: number;
  /** Largest single argument, bytes. Default 512 MiB, as Redis's `proto-max-bulk-len`. */
  readonly maxBulk: number;
  /** Commands of modules, or newer than Redis 7.0. */
  readonly commands: readonly CustomCommand[];
}

/** See {@link RedisOptions}. */
export const defaultRedisOptions: RedisOptions = {
  mgetErrors: "whole",
  crossSlot: "cluster",
  admin: false,
  cutThrough: 64 << 10,
  maxBulk: 512 << 20,
  commands: [],
};

/** The defaults with `given` over them. Throws `ConfigError` for an unknown name or a value of the wrong kind. */
export function redisOptions(given: Readonly<Record<string, unknown>>): RedisOptions {
  for (const [name, value] of Object.entries(given)) {
    const expected = checks.get(name);
    if (expected === undefined)
      fail(name, `unknown option; there are ${[...checks.keys()].join(", ")}`);
    else if (!expected.test(value)) fail(name, `must be ${expected.words}`);
  }
  return { ...defaultRedisOptions, ...given };
}

interface Check {
  readonly words: string;
  readonly test: (value: unknown) => boolean;
}

const oneOf = (...words: readonly string[]): Check => ({
  words: words.join(" or "),
  test: (value) => typeof value === "string" && words.includes(value),
});
const size: Check = {
  words: "a number of bytes above 0",
  test: (value) => typeof value === "number" && value > 0,
};
const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["mgetErrors", oneOf("whole", "per-key")],
  ["crossSlot", oneOf("cluster", "slot")],
  ["admin", { words: "true or false", test: (value) => typeof value === "boolean" }],
  ["cutThrough", size],
  ["maxBulk", size],
  ["commands", { words: "a list of commands", test: Array.isArray }],
]);

function fail(name: string, message: string): never {
  throw new ConfigError("bad-option", `options.${name}: ${message}`, [
    { path: ["options", name], message },
  ]);
}
