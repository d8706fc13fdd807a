/** How generators of random commands are written down: one line a command. */
import type { Comparison, Role } from "./item.ts";
import type { Arg, Key, Source } from "./source.ts";

/** How to make one command. The name may have two words. */
export interface Maker {
  /** `GET`, `OBJECT ENCODING`. */
  readonly label: string;
  /** Its arguments behind the name. */
  readonly args: (g: Source) => readonly Arg[];
  /** How its replies compare. */
  readonly compare: Comparison;
  /** What the model does with it. */
  readonly role: Role;
  /** How often beside the others; 1 for most. */
  readonly weight: number;
}

/** A maker in short: the reply is compared byte for byte, the command has keys, and its weight is 1 unless given. */
export type Line = readonly [
  label: string,
  args: (g: Source) => readonly Arg[],
  compare?: Comparison,
  role?: Role,
  weight?: number,
];

/** Makers of lines. */
export function makersOf(lines: readonly Line[]): Maker[] {
  return lines.map(([label, args, compare = "exact", role = "keyed", weight = 1]) => ({
    ...{ label, args, compare, role, weight },
  }));
}

/** Keys behind their number. */
export function numbered(keys: readonly Key[]): Arg[] {
  return [keys.length, ...keys];
}
