/**
 * A chapter: some hundred commands that start from empty servers. All of it
 * follows from its seed, so a failure can be repeated.
 */
import { collections } from "./collections.ts";
import { ending, group, inline, wrong } from "./groups.ts";
import type { Item, Unit } from "./item.ts";
import { item } from "./make-item.ts";
import { type Maker, makersOf } from "./maker.ts";
import { others } from "./others.ts";
import { sorted } from "./sorted.ts";
import { Key, Source } from "./source.ts";
import { strings } from "./strings.ts";

/** Connections of a chapter. The odd ones begin with HELLO 3. */
export const connections = 6;

/** The commands of a chapter, about `size` of them. `payload` = what DUMP says of a list. */
export function writeChapter(seed: number, size: number, payload: Buffer): Unit[] {
  const g = new Source(seed, payload);
  const units: Unit[] = [];
  const queueing = new Array<boolean>(connections).fill(false);
  let round = 0;
  let count = 0;
  const add = (unit: Omit<Unit, "round">): void => {
    units.push({ ...unit, round });
    count += unit.items.length;
  };
  for (let i = 1; i < connections; i += 2) {
    add({ connection: i, items: [item("HELLO", [3], { role: "outside", compare: "no-clock" })] });
  }
  while (count < size) {
    round += 1;
    if (g.chance(0.01)) {
      add({ connection: 0, items: [], task: "compare" });
      continue;
    }
    const dice = g.next();
    const connection = g.below(connections);
    const free = !(queueing[connection] as boolean);
    g.space = "";
    if (dice < 0.14 && free)
      for (const unit of quiet(g, connection)) {
        add(unit);
        round += 1;
      }
    else if (dice < 0.16 && free) add({ connection, items: wake(g), task: "wake" });
    else if (dice < 0.17) {
      add({ connection, items: [...g.few(() => simple(g, free), 3), ending(g)] });
      queueing[connection] = false;
    } else if (dice < 0.4) {
      // several clients at once, each with keys of its own: what they do must not depend on who is first
      for (let i = 0; i < connections; i++) {
        g.space = `~${i}`;
        if (g.chance(0.6))
          for (const part of pipeline(g, i, queueing, true)) add({ connection: i, ...part });
      }
    } else
      for (const part of pipeline(g, connection, queueing, false)) add({ connection, ...part });
  }
  round += 1;
  add({ connection: 0, items: [], task: "compare" });
  for (const label of ["FLUSHDB", "FLUSHALL"]) {
    round += 1;
    const items = [item(label, [], { role: "outside" }), item("DBSIZE", [], { role: "outside" })];
    add({ connection: 1, items: [item("RESET", [], { role: "outside" }), ...items] });
  }
  return units;
}

/** Commands of one client in one write. */
function* pipeline(
  g: Source,
  connection: number,
  queueing: boolean[],
  together: boolean,
): Generator<Pick<Unit, "items" | "free">> {
  for (let left = 1 + g.below(g.chance(0.2) ? 40 : 8); left > 0; left--) {
    const free = !(queueing[connection] as boolean);
    const dice = g.next();
    if (dice < 0.05 && free) yield { items: group(g), free: true };
    else if (dice < 0.08) yield { items: [usable(wrong(g), free)] };
    else if (dice < 0.1) yield { items: [inline(g)] };
    else {
      const made = simple(g, free, together);
      if (made.label === "MULTI") queueing[connection] = true;
      else if (["EXEC", "DISCARD", "RESET"].includes(made.label)) queueing[connection] = false;
      yield { items: [made] };
      // transactions are short, and most of them run
      if (!free && g.chance(0.15)) {
        queueing[connection] = false;
        yield { items: [item("EXEC", [], { role: "keyless" })] };
      }
    }
  }
}

/** One command. */
function simple(g: Source, free: boolean, together = false): Item {
  for (;;) {
    const maker = draw(g);
    if (!free && maker.role === "outside" && !g.chance(0.02)) continue;
    if (!free && maker.label === "MULTI" && !g.chance(0.05)) continue;
    // Over all clusters at once: another client's commands would be seen, or not.
    if (together && /^(SCRIPT|FUNCTION|PUBSUB|EVALSHA|FCALL)/.test(maker.label)) continue;
    return item(maker.label, maker.args(g), { compare: maker.compare, role: maker.role });
  }
}

function usable(one: Item, free: boolean): Item {
  return free || one.role !== "outside" ? one : item("NOSUCH", [], { role: "bad" });
}

/** Commands over the whole key space, when nobody else is at work. */
function quiet(g: Source, connection: number): Omit<Unit, "round">[] {
  const outside = (
    label: string,
    args: readonly (string | number)[],
    more: Partial<Item> = {},
  ): Item => item(label, args, { role: "outside", ...more });
  const one = (items: readonly Item[], task?: "scan" | "randomkey"): Omit<Unit, "round"> =>
    task === undefined ? { connection, items } : { connection, items, task };
  const dice = g.below(100);
  if (dice < 40) return [one([outside("DBSIZE", [])])];
  if (dice < 66)
    return [
      one([
        outside("KEYS", [g.pick(["*", "*1", "{a}*", "s?", "nothing", "[hl]*"])], {
          compare: "multiset",
        }),
      ]),
    ];
  const options = [
    ...g.maybe("COUNT", g.pick([1, 5, 100])),
    ...g.maybe("MATCH", "*1*"),
    ...g.maybe("TYPE", "hash"),
  ];
  if (dice < 84) return [one([outside("SCAN", ["0", ...(options as string[])])], "scan")];
  if (dice < 97) return [one([outside("RANDOMKEY", [])], "randomkey")];
  const flush = outside(
    g.pick(["FLUSHDB", "FLUSHDB", "FLUSHALL"]),
    g.pick([[], ["SYNC"], ["ASYNC"]]),
  );
  return [one([flush, outside("DBSIZE", [])])];
}

/** A client that waits, and one that wakes it. The first item blocks, the second is sent by another connection. */
function wake(g: Source): readonly Item[] {
  const key = new Key(Buffer.from(`wake${g.below(20)}`));
  const clear = item("DEL", [key], { role: "split" });
  return g.pick<() => readonly Item[]>([
    () => [item("BLPOP", [key, 0]), item("RPUSH", [key, g.value()]), clear],
    () => [item("BRPOP", [key, 0]), item("LPUSH", [key, "a", g.large()]), clear],
    () => [item("BLMOVE", [key, key, "LEFT", "LEFT", 0]), item("RPUSH", [key, "a"]), clear],
    () => [item("BLMPOP", [0, 1, key, "LEFT"]), item("RPUSH", [key, "a"]), clear],
    () => [item("BZPOPMIN", [key, 0]), item("ZADD", [key, 1, "a"]), clear],
    () => [item("BZMPOP", [0, 1, key, "MAX"]), item("ZADD", [key, 1, "a"]), clear],
    () => [
      item("XREAD", ["BLOCK", 0, "STREAMS", key, "5-5"]),
      item("XADD", [key, "6-6", "f", "v"]),
      clear,
    ],
    () => [item("BLPOP", [key, 0.01]), item("PING", [], { role: "keyless" }), clear],
  ])();
}

const makers: readonly Maker[] = makersOf([...strings, ...collections, ...sorted, ...others]);
const total = makers.reduce((sum, { weight }) => sum + weight, 0);

function draw(g: Source): Maker {
  let at = g.next() * total;
  for (const maker of makers) {
    at -= maker.weight;
    if (at < 0) return maker;
  }
  return makers[0] as Maker;
}

/** Commands that stand in groups and tasks. */
const grouped: readonly string[] = [
  ...["BLPOP", "BRPOP", "BLMOVE", "BRPOPLPUSH", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "SPOP"],
  ...[
    "RESTORE",
    "CLIENT REPLY",
    "DBSIZE",
    "KEYS",
    "SCAN",
    "RANDOMKEY",
    "FLUSHDB",
    "FLUSHALL",
    "QUIT",
  ],
];

/** Every command that a run must have seen succeed; CLUSTER INFO is an error everywhere. */
export const expectedLabels: readonly string[] = [
  ...new Set([...makers.map(({ label }) => label), ...grouped]),
].filter((label) => label !== "CLUSTER INFO");
