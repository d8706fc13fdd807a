/** Runs chapters until enough commands are compared; on a difference, the least that shows it. */
import { expectedLabels, writeChapter } from "./chapter.ts";
import { show, type Unit } from "./item.ts";
import { Difference } from "./judge.ts";
import { play } from "./play.ts";
import { type Sides, type StartFront, startSides } from "./sides.ts";
import { Tally } from "./tally.ts";

/** Commands of a chapter: enough for state to build up, few enough to shrink. */
const chapterSize = 1_500;

/** Milliseconds that a counter-example may take to shrink. */
const shrinkTime = 60_000;

/** What a run has to reach. */
export interface Goal {
  /** Commands to compare. */
  readonly commands: number;
  /** Seed of the first chapter; the next one has the next number. */
  readonly seed: number;
  /** The router's connections differ in speed, which shows what is sent on two of them without waiting. */
  readonly uneven: boolean;
  /** What stands before the servers; the router on Node unless given. */
  readonly front?: StartFront;
  /** Each command has succeeded at least so often. */
  readonly successes: number;
  /** At least this share of the commands ran on several clusters. */
  readonly share: number;
}

/** Runs, reports through `say`, and throws when the sides differ or the goal is missed. */
export async function run(goal: Goal, say: (line: string) => void): Promise<Tally> {
  const tally = new Tally();
  const sides = await startSides(goal.uneven, goal.front);
  try {
    const started = Date.now();
    let reported = started;
    let { seed } = goal;
    for (; tally.commands < goal.commands; seed++) {
      await playChapter(sides, seed, tally, say);
      if (Date.now() - reported > 30_000) {
        reported = Date.now();
        say(`${tally.commands} commands, seed ${seed}`);
      }
    }
    say(`seeds ${goal.seed} to ${seed - 1}, ${((Date.now() - started) / 1000).toFixed(0)} s`);
    say(tally.toString());
  } finally {
    await sides.close();
  }
  const rare = tally.rare(expectedLabels, goal.successes);
  if (rare.length > 0)
    throw new Error(`succeeded less than ${goal.successes} times: ${rare.join(", ")}`);
  if (tally.share < goal.share) {
    throw new Error(
      `only ${(tally.share * 100).toFixed(1)} % of the commands ran on several clusters`,
    );
  }
  return tally;
}

async function playChapter(
  sides: Sides,
  seed: number,
  tally: Tally,
  say: (line: string) => void,
): Promise<void> {
  const units = writeChapter(seed, chapterSize, sides.payload);
  try {
    await play(sides, units, seed, tally);
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    say(`seed ${seed}: ${error.message}\nlooking for the least that shows it`);
    throw new Error(await counterExample(sides, units, seed, error));
  }
}

async function counterExample(
  sides: Sides,
  units: readonly Unit[],
  seed: number,
  first: Difference,
): Promise<string> {
  let least = units;
  let words = first.message;
  const until = Date.now() + shrinkTime;
  const fails = async (shorter: readonly Unit[]): Promise<boolean> => {
    try {
      await play(sides, shorter, seed, new Tally(), 1_000);
      return false;
    } catch (error) {
      if (!(error instanceof Difference)) throw error;
      words = error.message;
      return true;
    }
  };
  for (
    let size = Math.ceil(least.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < least.length && Date.now() < until; ) {
      const shorter = [...least.slice(0, from), ...least.slice(from + size)];
      if (await fails(shorter)) least = shorter;
      else from += size;
    }
  }
  const lines = least.flatMap(({ connection, round, items, task }) =>
    items.map(
      (item) =>
        `  round ${round}, connection ${connection}: ${task === undefined ? "" : `(${task}) `}${show(item)}`,
    ),
  );
  return [
    `The router answered differently. Seed ${seed}; the least that shows it (${lines.length} commands):`,
    ...lines,
    words,
    `first seen as: ${first.message}`,
  ].join("\n");
}
