/** Plays a chapter to both sides and compares. */

import { Random } from "@echarde/testkit";
import { connectRaw } from "@echarde/testkit/servers";
import { connections } from "./chapter.ts";
import { bytesOf, encode, show, type Unit } from "./item.ts";
import { Difference, judge, type Pair, text } from "./judge.ts";
import { type Planned, SessionModel } from "./model.ts";
import { ask, type Sides, sendCut } from "./sides.ts";
import type { Tally } from "./tally.ts";
import { playTask, playWake } from "./tasks.ts";

/** Plays the units from empty servers. Throws {@link Difference}. */
export async function play(
  sides: Sides,
  units: readonly Unit[],
  seed: number,
  tally: Tally,
  wait = 4_000,
): Promise<void> {
  await sides.reset();
  const pairs = await Promise.all(Array.from({ length: connections + 2 }, () => open(sides, wait)));
  await handshake3(pairs[connections + 1] as Pair);
  const random = new Random(seed ^ 0x5eed);
  try {
    for (let at = 0; at < units.length; ) {
      const { round } = units[at] as Unit;
      let end = at;
      while (units[end]?.round === round) end++;
      await playRound(sides, pairs, units.slice(at, end), random, tally);
      at = end;
    }
    await compareData(sides);
  } finally {
    await Promise.all(pairs.flatMap(({ single, router }) => [single.close(), router.close()]));
  }
}

/** Holds the data of both sides against each other. */
async function compareData(sides: Sides): Promise<void> {
  const apart = await sides.difference();
  if (apart !== "") throw new Difference(apart);
}

async function open(sides: Sides, patience: number): Promise<Pair> {
  const [single, router] = await Promise.all([
    connectRaw(sides.single.port),
    connectRaw(sides.port),
  ]);
  return { single, router, model: new SessionModel(), patience };
}

async function handshake3({ single, router }: Pair): Promise<void> {
  await Promise.all([ask(single, "HELLO", "3"), ask(router, "HELLO", "3")]);
}

async function playRound(
  sides: Sides,
  pairs: Pair[],
  units: readonly Unit[],
  random: Random,
  tally: Tally,
): Promise<void> {
  const [first] = units as readonly [Unit];
  if (first.task === "compare") return compareData(sides);
  if (first.task === "wake") return playWake(pairs, first, tally);
  if (first.task !== undefined) return playTask(pairs[first.connection] as Pair, first, tally);
  const work = [...new Set(units.map(({ connection }) => connection))].map((connection) => {
    const pair = pairs[connection] as Pair;
    const planned = planAll(
      pair.model,
      units.filter((unit) => unit.connection === connection),
    );
    return { connection, pair, planned, cuts: random.below(2 ** 31) };
  });
  const done = await Promise.allSettled(
    work.map(({ pair, planned, cuts }) => playPipeline(pair, planned, cuts, tally)),
  );
  for (const [i, one] of done.entries()) {
    if (one.status === "rejected") {
      if (!(one.reason instanceof Difference)) throw one.reason;
      throw new Difference(`connection ${work[i]?.connection}: ${one.reason.message}`);
    }
  }
  for (const { connection, planned } of work) {
    if (planned.some(({ item }) => item.closes))
      pairs[connection] = await open(sides, (pairs[connection] as Pair).patience);
  }
}

/** Plans of all commands of a connection, up to one that closes it. */
function planAll(model: SessionModel, units: readonly Unit[]): Planned[] {
  const planned: Planned[] = [];
  for (const { items, free } of units) {
    if (free === true && model.queueing) continue;
    for (const item of items) {
      planned.push(model.plan(item));
      if (item.closes === true) return planned;
    }
  }
  return planned;
}

async function playPipeline(
  pair: Pair,
  planned: readonly Planned[],
  cuts: number,
  tally: Tally,
): Promise<void> {
  const sent = planned.filter(({ verdict }) => verdict !== "skip");
  const toRouter = sent.map(({ item }) => bytesOf(item));
  const toSingle = sent.map(({ item, verdict, spoil }) =>
    verdict === "same" ? bytesOf(item) : spoil ? spoiling : Buffer.alloc(0),
  );
  const bytes = Buffer.concat(toRouter);
  pair.single.send(Buffer.concat(toSingle));
  await sendCut(pair.router, bytes, cutsOf(bytes.length, new Random(cuts)));
  const replies = ({ item }: Planned): number => item.replies ?? 1;
  const wanted = sent.reduce((sum, one) => sum + replies(one), 0);
  const judged = sent.reduce(
    (sum, one) => sum + (one.verdict === "same" ? replies(one) : one.spoil ? 1 : 0),
    0,
  );
  const fromSingle = await pair.single.replies(judged, 20_000);
  const fromRouter = await take(pair, wanted, fromSingle, sent);
  for (const one of sent) {
    tally.commands += 1;
    if (one.clusters > 1 && one.verdict === "same") tally.crossed += 1;
    if (replies(one) === 0) {
      if (one.item.role !== "bad") tally.success(one.item.label);
      continue;
    }
    const theirs = fromRouter.shift() as Buffer;
    const ours = one.verdict === "same" || one.spoil ? (fromSingle.shift() as Buffer) : null;
    judge(one, ours, theirs, tally);
  }
  if (planned.some(({ item }) => item.closes)) await bothClosed(pair);
  const extra = pair.router.waiting;
  if (extra > 0)
    throw new Difference(
      `${extra} replies too many from the router: ${text((await pair.router.replies(1))[0])}`,
    );
}

/** Replies of the router; when some are missing, the first one that is. */
async function take(
  { router, patience }: Pair,
  count: number,
  fromSingle: readonly Buffer[],
  sent: readonly Planned[],
): Promise<Buffer[]> {
  try {
    return await router.replies(count, patience);
  } catch (error) {
    const came = router.waiting;
    const missing = sent.filter(({ item }) => item.replies !== 0)[came];
    throw new Difference(
      `the router gave no reply to ${missing === undefined ? "?" : show(missing.item)} (${came} of ${count} came: ${error}); the single server's replies: ${fromSingle.length}`,
    );
  }
}

async function bothClosed({ single, router, patience }: Pair): Promise<void> {
  await single.closed;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, patience, "late");
  });
  const first = await Promise.race([router.closed, late]);
  clearTimeout(timer);
  if (first === "late") throw new Difference("the router did not close the connection");
  if (single.waiting !== router.waiting || router.rest.length > 0) {
    throw new Difference(`${router.waiting} replies too many before the router closed`);
  }
}

/** Cuts of a pipeline: none, few, or every byte of a short one. */
function cutsOf(length: number, random: Random): number[] {
  const average = random.pick([Number.POSITIVE_INFINITY, 1, 7, 60, 1000, 20_000]);
  if (average === Number.POSITIVE_INFINITY || (length > 300 && average < 7)) return [];
  const cuts: number[] = [];
  for (
    let at = 1 + random.below(2 * average);
    at < length && cuts.length < 60;
    at += 1 + random.below(2 * average)
  ) {
    cuts.push(at);
  }
  return cuts;
}

const spoiling = encode([Buffer.from("NOSUCHCOMMAND")]);
