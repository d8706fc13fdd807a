/** What the codec knows of a command. */
import type { Decision } from "./decisions.ts";

/**
 * How keys are found: by the specs, or by a grammar that specs cannot say.
 * `none` = the command has no keys.
 */
export type KeyGrammar = "none" | "specs" | "sort" | "xread" | "georadius" | "migrate";

/** What the found arguments are. */
export type KeyKind = "key" | "channel" | "shard-channel";

/**
 * Where keys stand, five numbers:
 * - range: `[0, begin, last, step, limit]`. From `begin` to `last`, which counts
 *   from `begin` when not negative and from the end otherwise; `limit` above 0
 *   divides what is left first.
 * - numkeys: `[1, begin, count, first, step]`. The argument at `begin + count`
 *   is the number of keys, the first stands at `begin + first`.
 */
export type KeySpec = readonly [kind: 0 | 1, begin: number, a: number, b: number, c: number];

/** Which words Redis has for a bad number of keys. */
export type NumkeysWords = "script" | "function" | "positive" | "card" | "input" | "none";

/** A row of the generated table. Subcommands are named `container|subcommand`. */
export type CommandRow = readonly [
  name: string,
  arity: number,
  flags: number,
  grammar: KeyGrammar,
  kind: KeyKind,
  specs: readonly KeySpec[],
];

/** A command or a subcommand. Immutable. */
export interface Command {
  /** Lower-case; `config|get` for a subcommand. As in Redis's own errors. */
  readonly name: string;
  /** For metrics and logs: `GET`, `CONFIG GET`. */
  readonly label: string;
  /** Arguments including the name; negative = at least so many. */
  readonly arity: number;
  /** See flags. */
  readonly flags: number;
  /** How keys are found. */
  readonly grammar: KeyGrammar;
  /** What they are. */
  readonly kind: KeyKind;
  /** Where they stand. */
  readonly specs: readonly KeySpec[];
  /** Error family of its number of keys. */
  readonly numkeys: NumkeysWords;
  /** The command takes a subcommand. */
  readonly container: boolean;
  /** What becomes of it. */
  readonly decision: Decision;
  /** Its only key is its first argument, whatever else it says: so of nearly every request. */
  readonly firstKey: boolean;
}

/** See {@link Command.firstKey}. */
export function isFirstKey(specs: readonly KeySpec[]): boolean {
  const [only] = specs;
  return specs.length === 1 && only?.[0] === 0 && only[1] === 1 && only[2] === 0;
}
