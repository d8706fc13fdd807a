/**
 * The same commands to two systems, and the first difference made small.
 *
 * ```
 *   commands ─▶ A (one real server) ─▶ replies ┐
 *        └────▶ B (router + servers) ─▶ replies ┴─ compare one by one ─▶ shrink the list ─▶ throw
 * ```
 * Generic over commands, replies and transports: both sides are async functions.
 */
import { shrinkListAsync } from "./shrink.ts";

/** How two replies to one command are compared. */
export type Comparison<Reply> =
  /** The same, as `same` says. */
  | { readonly mode: "exact" }
  /** The same items in any order. */
  | { readonly mode: "multiset"; readonly items: (reply: Reply) => readonly string[] }
  /** Each alone has this property: for replies that are random or depend on time. */
  | { readonly mode: "property"; readonly holds: (reply: Reply) => boolean };

/** One side: gets a list of commands after a reset, gives a reply for each. */
export interface Side<Command, Reply> {
  /** Empties it. */
  reset(): Promise<void>;
  /** Runs commands in order. */
  run(commands: readonly Command[]): Promise<readonly Reply[]>;
}

/** See the module. */
export interface DifferentialOptions<Command, Reply> {
  /** What is right. */
  readonly expected: Side<Command, Reply>;
  /** What is tested. */
  readonly actual: Side<Command, Reply>;
  /** The mode for a command; exact for all unless given. */
  readonly comparison?: (command: Command) => Comparison<Reply>;
  /** Whether two replies are exactly the same. */
  readonly same: (a: Reply, b: Reply) => boolean;
  /** A command in words. */
  readonly showCommand: (command: Command) => string;
  /** A reply in words. */
  readonly showReply: (reply: Reply) => string;
  /** Reruns spent on making a difference small; 200 unless given, 0 = none. */
  readonly budget?: number;
}

/** The two sides differ. */
export class Difference<Command> extends Error {
  override readonly name: string = "Difference";
  /** The least list found that still differs. */
  readonly commands: readonly Command[];

  /** Made by {@link differential}. */
  constructor(message: string, commands: readonly Command[]) {
    super(message);
    this.commands = commands;
  }
}

/** Runs `commands` on both sides after a reset. Throws a {@link Difference} with a minimal list where they differ. */
export async function differential<Command, Reply>(
  options: DifferentialOptions<Command, Reply>,
  commands: readonly Command[],
): Promise<void> {
  const first = await compare(options, commands);
  if (first === null) return;
  // What comes behind the first difference has no part in it.
  const reaching = commands.slice(0, first.index + 1);
  const fails = async (some: readonly Command[]): Promise<boolean> =>
    (await compare(options, some)) !== null;
  const least = await shrinkListAsync(reaching, fails, options.budget ?? 200);
  const found = await compare(options, least);
  const words =
    found?.words ?? `${first.words}\n(and no more when run again: the order of events matters)`;
  const script = least.map((command) => `  ${options.showCommand(command)}`).join("\n");
  throw new Difference(`${words}\nafter\n${script}`, least);
}

async function compare<Command, Reply>(
  options: DifferentialOptions<Command, Reply>,
  commands: readonly Command[],
): Promise<{ readonly index: number; readonly words: string } | null> {
  const { expected, actual, same, showCommand, showReply } = options;
  await Promise.all([expected.reset(), actual.reset()]);
  const [wanted, got] = await Promise.all([expected.run(commands), actual.run(commands)]);
  for (const [index, command] of commands.entries()) {
    const [a, b] = [wanted[index], got[index]];
    const comparison = options.comparison?.(command) ?? { mode: "exact" };
    if (a !== undefined && b !== undefined && agree(comparison, a, b, same)) continue;
    const words = [a, b].map((reply) => (reply === undefined ? "nothing" : showReply(reply)));
    return { index, words: `${showCommand(command)}\nexpected ${words[0]}\nactual   ${words[1]}` };
  }
  return null;
}

function agree<Reply>(
  comparison: Comparison<Reply>,
  a: Reply,
  b: Reply,
  same: (a: Reply, b: Reply) => boolean,
): boolean {
  switch (comparison.mode) {
    case "exact":
      return same(a, b);
    case "multiset": {
      const [left, right] = [a, b].map((reply) => [...comparison.items(reply)].sort());
      return JSON.stringify(left) === JSON.stringify(right);
    }
    case "property":
      return comparison.holds(a) && comparison.holds(b);
  }
}
