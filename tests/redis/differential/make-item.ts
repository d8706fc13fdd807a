import type { Item } from "./item.ts";
import { type Arg, Key } from "./source.ts";

/** Makes an item of a name and arguments. */
export function item(label: string, args: readonly Arg[], more: Partial<Item> = {}): Item {
  const bytes = (arg: Arg): Buffer =>
    arg instanceof Key
      ? arg.bytes
      : Buffer.isBuffer(arg)
        ? arg
        : Buffer.from(String(arg), "latin1");
  return {
    label,
    args: [...label.split(" ").map((word) => Buffer.from(word)), ...args.map(bytes)],
    keys: args.flatMap((arg) => (arg instanceof Key ? [arg.bytes] : [])),
    compare: "exact",
    role: "keyed",
    ...more,
  };
}
