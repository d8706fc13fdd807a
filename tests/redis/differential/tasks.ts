/** What is compared by what it promises, or needs two clients. */
import { parseReply, type RawClient } from "@echarde/testkit/servers";
import { connections } from "./chapter.ts";
import { isError } from "./compare.ts";
import { bytesOf, type Item, show, type Unit } from "./item.ts";
import { Difference, judge, type Pair, text } from "./judge.ts";
import { item } from "./make-item.ts";
import { SessionModel } from "./model.ts";
import { ask, bulks } from "./sides.ts";
import type { Tally } from "./tally.ts";

/** A full SCAN, or RANDOMKEY: compared by what they promise. */
export async function playTask(pair: Pair, { items, task }: Unit, tally: Tally): Promise<void> {
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
export async function playWake(
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
    const read = (client: RawClient): Promise<Buffer[]> =>
      client.replies(list.length, pair.patience);
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
