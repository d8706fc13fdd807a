/**
 * Finds commands by the bytes of their names, in any case, without making a
 * string: one hash over the folded bytes and, as a rule, one comparison.
 */
import { ConfigError } from "@echarde/core";
import { equalsFolded, latin1 } from "../wire/ascii.ts";
import { type Command, type CommandRow, isFirstKey, type NumkeysWords } from "./command.ts";
import { type CustomCommand, compileCustom } from "./custom.ts";
import { decisionOf } from "./decisions.ts";
import { rows } from "./table.generated.ts";

/** All commands of one configuration. Immutable once built; shared by all sessions. */
export class CommandIndex {
  readonly #top: NameTable;
  readonly #inside: ReadonlyMap<Command, NameTable>;
  /** Every command and subcommand, by name. */
  readonly all: readonly Command[];

  /** Throws `ConfigError` for a custom command that cannot be. */
  constructor(custom: readonly CustomCommand[] = []) {
    const byName = new Map<string, Command>(builtIn().map((command) => [command.name, command]));
    for (const one of custom) {
      const command = compileCustom(one);
      const [first = ""] = command.name.split("|");
      const known = byName.get(command.name);
      if (known && !REPLACEABLE.has(known.decision.kind)) {
        throw new ConfigError("bad-option", `command ${one.name}: is handled by the codec itself`);
      }
      if (first !== command.name && !byName.get(first)?.container) {
        throw new ConfigError("bad-option", `command ${one.name}: ${first} takes no subcommand`);
      }
      byName.set(command.name, command);
    }
    this.all = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#top = new NameTable(this.all.filter(({ name }) => !name.includes("|")));
    const inside = new Map<Command, NameTable>();
    for (const command of this.all) {
      if (!command.container) continue;
      const prefix = `${command.name}|`;
      const parts = this.all.filter(({ name }) => name.startsWith(prefix));
      inside.set(command, new NameTable(parts, prefix.length));
    }
    this.#inside = inside;
  }

  /** The command named `bytes[from, to)`, null when there is none. */
  find(bytes: Uint8Array, from: number, to: number): Command | null {
    return this.#top.find(bytes, from, to);
  }

  /** The subcommand of a container named `bytes[from, to)`. */
  findSub(container: Command, bytes: Uint8Array, from: number, to: number): Command | null {
    return this.#inside.get(container)?.find(bytes, from, to) ?? null;
  }

  /**
   * The command or subcommand of a request, null for an unknown one (see
   * `unknownCommand` for what to say). A container without a further argument
   * is found itself: its arity then is the error. Only the first two arguments
   * are looked at.
   */
  resolve(
    bytes: Uint8Array,
    argStart: ArrayLike<number>,
    argEnd: ArrayLike<number>,
    argc: number,
  ): Command | null {
    const command = this.#top.find(bytes, argStart[0] as number, argEnd[0] as number);
    if (command === null || !command.container || argc === 1) return command;
    return this.findSub(command, bytes, argStart[1] as number, argEnd[1] as number);
  }
}

let builtInIndex: CommandIndex | null = null;

/** The index for these custom commands. Without any it is made once: a host may have a router for each client. */
export function commandIndex(custom: readonly CustomCommand[]): CommandIndex {
  if (custom.length > 0) return new CommandIndex(custom);
  builtInIndex ??= new CommandIndex();
  return builtInIndex;
}

/** Whether a request of `argc` arguments (name included) has the right number. */
export function arityFits(command: Command, argc: number): boolean {
  return command.arity >= 0 ? argc === command.arity : argc >= -command.arity;
}

/** Kinds whose commands a configuration may put into another form. */
const REPLACEABLE: ReadonlySet<string> = new Set(["keyed", "blocking", "keyless", "refuse"]);

/** Open addressing over a table at most a quarter full. */
class NameTable {
  readonly #slots: readonly (Command | null)[];
  readonly #names: readonly Uint8Array[];
  readonly #mask: number;
  readonly #longest: number;

  /** `skip` characters of each name are not compared: the container's. */
  constructor(commands: readonly Command[], skip = 0) {
    let size = 8;
    while (size < commands.length * 4) size *= 2;
    const slots: (Command | null)[] = new Array(size).fill(null);
    const names: Uint8Array[] = new Array(size).fill(latin1(""));
    let longest = 0;
    for (const command of commands) {
      const name = latin1(command.name.slice(skip));
      longest = Math.max(longest, name.length);
      let at = hash(name, 0, name.length) & (size - 1);
      while (slots[at] !== null) at = (at + 1) & (size - 1);
      slots[at] = command;
      names[at] = name;
    }
    this.#slots = slots;
    this.#names = names;
    this.#mask = size - 1;
    this.#longest = longest;
  }

  find(bytes: Uint8Array, from: number, to: number): Command | null {
    if (to - from > this.#longest) return null;
    let at = hash(bytes, from, to) & this.#mask;
    for (;;) {
      const command = this.#slots[at] as Command | null;
      if (command === null) return null;
      if (equalsFolded(bytes, from, to, this.#names[at] as Uint8Array)) return command;
      at = (at + 1) & this.#mask;
    }
  }
}

/** FNV-1a over bytes with the case bit set: equal for equal names in any case. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let i = from; i < to; i++) {
    value = Math.imul(value ^ ((bytes[i] as number) | 32), 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}

let compiled: readonly Command[] | null = null;

function builtIn(): readonly Command[] {
  compiled ??= rows.map(compile);
  return compiled;
}

function compile([name, arity, flags, grammar, kind, specs]: CommandRow): Command {
  const decision = decisionOf(name);
  if (decision === undefined) throw new ConfigError("bad-codec", `no decision for ${name}`);
  return Object.freeze({
    name,
    label: name.toUpperCase().replace("|", " "),
    arity,
    flags,
    grammar,
    kind,
    specs,
    numkeys: numkeysWords(name),
    container: CONTAINERS.has(name),
    decision,
    firstKey: isFirstKey(specs),
  });
}

const CONTAINERS: ReadonlySet<string> = new Set(
  rows
    .map(([name]) => name)
    .flatMap((name) => (name.includes("|") ? [name.slice(0, name.indexOf("|"))] : [])),
);

function numkeysWords(name: string): NumkeysWords {
  if (/^eval/.test(name)) return "script";
  if (/^fcall/.test(name)) return "function";
  if (/^b?[lz]mpop$/.test(name)) return "positive";
  if (name === "sintercard") return "card";
  if (/^z(union|inter|diff)/.test(name)) return "input";
  return "none";
}
