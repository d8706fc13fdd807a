/** Commands of a configuration: those of modules, and newer ones than the table knows. */
import { ConfigError } from "@echarde/core";
import { type Command, isFirstKey, type KeySpec } from "./command.ts";
import { decide } from "./decisions.ts";
import { BLOCKING, READONLY, WRITE } from "./flags.ts";

/** Keys from argument `first` on; see {@link CustomCommand}. */
export interface KeyRange {
  /** Argument of the first key; the name is argument 0. */
  readonly first: number;
  /** Argument of the last key; negative counts from the end (-1 = the last argument). */
  readonly last: number;
  /** Arguments from one key to the next. */
  readonly step: number;
}

/** Keys behind their number; see {@link CustomCommand}. */
export interface KeyCount {
  /** Argument that holds the number of keys; they stand right behind it. */
  readonly numkeys: number;
}

/** A command that the table lacks, or a keyed one of it in another form. All keys must be on one cluster. */
export interface CustomCommand {
  /** Name as clients send it, in any case; `CONTAINER SUB` for a subcommand of a known container. */
  readonly name: string;
  /** Arguments including the name; negative = at least so many. */
  readonly arity: number;
  /** Where the keys are; null = none, the command goes to one fixed cluster. */
  readonly keys: KeyRange | KeyCount | null;
  /** It changes no data. */
  readonly readonly: boolean;
  /** It may wait for data: it gets a connection of the client's own and no deadline. */
  readonly blocking: boolean;
}

/** Checks and compiles one. Throws `ConfigError` for what cannot be a command. */
export function compileCustom(custom: CustomCommand): Command {
  const name = custom.name.toLowerCase().replace(" ", "|");
  const fail = (message: string): never => {
    throw new ConfigError("bad-option", `command ${custom.name}: ${message}`);
  };
  if (!/^[!-{}~]+(\|[!-{}~]+)?$/.test(name)) fail("the name must be one or two printable words");
  if (!Number.isInteger(custom.arity) || custom.arity === 0) fail("arity must be a whole number");
  const { keys } = custom;
  const specs: KeySpec[] = [];
  if (keys !== null && "numkeys" in keys) {
    if (!Number.isInteger(keys.numkeys) || keys.numkeys < 1) fail("numkeys must be 1 or more");
    specs.push([1, keys.numkeys, 0, 1, 1]);
  } else if (keys !== null) {
    const { first, last, step } = keys;
    if (![first, last, step].every(Number.isInteger)) fail("keys must be whole numbers");
    if (first < 1 || step < 1 || (last >= 0 && last < first)) fail("keys make no range");
    specs.push([0, first, last < 0 ? last : last - first, step, 0]);
  }
  const keyed = custom.blocking ? "blocking" : "keyed";
  const how = "Configured; all keys on one cluster, else CROSSSLOT";
  return {
    name,
    label: name.toUpperCase().replace("|", " "),
    arity: custom.arity,
    flags: (custom.readonly ? READONLY : WRITE) | (custom.blocking ? BLOCKING : 0),
    grammar: specs.length > 0 ? "specs" : "none",
    kind: "key",
    specs,
    numkeys: "none",
    container: false,
    decision:
      specs.length > 0 ? decide(keyed, how) : decide("keyless", "Configured; to one fixed cluster"),
    firstKey: isFirstKey(specs),
  };
}
