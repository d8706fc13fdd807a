/** Plays a chapter to both sides and compares. */
import { connectRaw, parseReply, type RawClient } from "@echarde/testkit/servers";
import { connections } from "./chapter.ts";
import { isError, same, sameValue } from "./compare.ts";
import { bytesOf, encode, type Item, show, type Unit } from "./item.ts";
import { type Planned, SessionModel } from "./model.ts";
import { item } from "./others.ts";
import { Random } from "./random.ts";
import { ask, bulks, type Sides, sendCut } from "./sides.ts";
import type { Tally } from "./tally.ts";

/** What went wrong, in words. */
export class Difference extends Error {}

interface Pair {
  single: RawClient;
  router: RawClient;
  model: SessionModel;
}

/** Milliseconds for a reply of the router; less when a counter-example shrinks. */
let patience = 4_000;

/** Plays the units from empty servers. Throws {@link Difference}. */
export async function play(
  sides: Sides,
  units: readonly Unit[],
  seed: number,
  tally: Tally,
  wait = 4_000,
): Promise<void> {
  patience = wait;
  await sides.reset();
  const pairs = await Promise.all(Array.from({ length: connections + 2 }, () => open(sides)));
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

async function open(sides: Sides): Promise<Pair> {
  const [single, router] = await Promise.all([
    connectRaw(sides.single.port),
    connectRaw(sides.port),
  ]);
  return { single, router, model: new SessionModel() };
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
    if (planned.some(({ item }) => item.closes)) pairs[connection] = await open(sides);
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
  const fromRouter = await take(pair.router, wanted, fromSingle, sent);
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
  router: RawClient,
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

function judge(one: Planned, ours: Buffer | null, theirs: Buffer, tally: Tally): void {
  const { item } = one;
  if (one.verdict === "router") {
    tally.refused += 1;
    if (!one.words.test(theirs.toString("latin1"))) {
      throw new Difference(`${show(item)}\n  expected: ${one.words}\n  router:   ${text(theirs)}`);
    }
    return;
  }
  if (
    ours === null ||
    !(one.queued === null
      ? same(one.compare, ours, theirs)
      : sameExec(one.queued, ours, theirs, tally))
  ) {
    throw new Difference(
      `${show(item)} (${one.compare})\n  single:   ${text(ours ?? undefined)}\n  router:   ${text(theirs)}`,
    );
  }
  if (isError(theirs)) tally.errors += 1;
  else if (!one.waits) tally.success(item.label);
}

/** The reply to EXEC: element by element. */
function sameExec(queued: readonly Item[], ours: Buffer, theirs: Buffer, tally: Tally): boolean {
  if (ours.equals(theirs) && (isError(ours) || ours.length <= 5)) return true;
  if (isError(ours) || isError(theirs)) return false;
  const [one, other] = [parseReply(ours), parseReply(theirs)];
  if (!("elements" in one) || !("elements" in other)) return false;
  if (one.elements.length !== queued.length || other.elements.length !== queued.length)
    return false;
  return queued.every((item, i) => {
    const [a, b] = [one.elements[i], other.elements[i]];
    if (a === undefined || b === undefined || !sameValue(item.compare, a, b)) return false;
    if (a.type !== "-") tally.success(item.label);
    return true;
  });
}

async function bothClosed({ single, router }: Pair): Promise<void> {
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

/** A full SCAN, or RANDOMKEY: compared by what they promise. */
async function playTask(pair: Pair, { items, task }: Unit, tally: Tally): Promise<void> {
  const [item] = items as readonly [Item];
  if (pair.model.queueing) return;
  const { single, router } = pair;
  if (task === "scan") {
    const [ours, theirs] = await Promise.all([
      scanAll(single, item, null),
      scanAll(router, item, tally),
    ]);
    if (ours !== theirs)
      throw new Difference(`${show(item)}, to its end\n  single:   ${ours}\n  router:   ${theirs}`);
    return;
  }
  tally.commands += 1;
  const [ours, theirs] = await Promise.all([ask(single, "RANDOMKEY"), ask(router, "RANDOMKEY")]);
  const [key] =
    theirs[0] === 36 && theirs[1] !== 45
      ? bulks(Buffer.concat([Buffer.from("*1\r\n"), theirs]))
      : [];
  const fits =
    key === undefined
      ? ours.equals(theirs)
      : (await ask(single, "EXISTS", key)).equals(Buffer.from(":1\r\n"));
  if (!fits)
    throw new Difference(`RANDOMKEY\n  single:   ${text(ours)}\n  router:   ${text(theirs)}`);
  tally.success("RANDOMKEY");
}

async function scanAll(client: RawClient, item: Item, tally: Tally | null): Promise<string> {
  const keys = new Set<string>();
  let cursor = "0";
  for (let calls = 0; calls < 10_000; calls++) {
    if (tally !== null) tally.commands += 1;
    const [name, , ...options] = item.args as readonly [Buffer, Buffer, ...Buffer[]];
    const reply = await ask(client, name, cursor, ...options);
    if (isError(reply)) return text(reply);
    tally?.success("SCAN");
    const page = parseReply(reply);
    const [next, found] = "elements" in page ? page.elements : [];
    if (next === undefined || found === undefined || !("elements" in found)) return text(reply);
    for (const key of found.elements) keys.add(key.bytes?.toString("latin1") ?? "");
    cursor = next.bytes?.toString("latin1") ?? "";
    if (!/^(0|[1-9]\d{0,18})$/.test(cursor)) return `cursor ${cursor}`;
    if (cursor === "0") return JSON.stringify([...keys].sort());
  }
  return "no end";
}

/** One client waits, the other wakes it; the waiting one has a command behind that waits with it. */
async function playWake(
  pairs: readonly Pair[],
  { connection, items }: Unit,
  tally: Tally,
): Promise<void> {
  const waiter = pairs[connections + (connection % 2)] as Pair;
  const waker = pairs[connections + ((connection + 1) % 2)] as Pair;
  const [waiting, waking, clearing] = items as readonly [Item, Item, Item];
  const behind = item("ECHO", ["behind"]);
  const send = (pair: Pair, list: readonly Item[]): void => {
    const bytes = Buffer.concat(list.map(bytesOf));
    pair.single.send(bytes);
    pair.router.send(bytes);
  };
  const compare = async (pair: Pair, list: readonly Item[]): Promise<void> => {
    const read = (client: RawClient): Promise<Buffer[]> => client.replies(list.length, patience);
    const [ours, theirs] = await Promise.all([read(pair.single), read(pair.router)]).catch(
      (error) => {
        throw new Difference(`${show(waiting)} woken by ${show(waking)}: ${error}`);
      },
    );
    for (const [i, one] of list.entries()) {
      tally.commands += 1;
      judge(new SessionModel().plan(one), ours[i] as Buffer, theirs[i] as Buffer, tally);
    }
  };
  send(waiter, [waiting, behind]);
  await new Promise((resolve) => setTimeout(resolve, 2));
  send(waker, [waking]);
  await compare(waiter, [waiting, behind]);
  // Cleared only now: what waits may reach its server after what wakes it.
  send(waker, [clearing]);
  await compare(waker, [waking, clearing]);
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

function text(reply: Buffer | undefined): string {
  if (reply === undefined) return "nothing";
  const shown = JSON.stringify(reply.toString("latin1", 0, 700));
  return reply.length > 700 ? `${shown}… (${reply.length} bytes)` : shown;
}
