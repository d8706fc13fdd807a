/** Random scripts of several clients: what they do, as data, and how one world plays them. */
import { type Property, propertyId, type Qos, type Version, type Will } from "@echarde/codec-mqtt";
import { Memory, TestClient } from "./client.ts";

/** Topics of all owners; `$q` is for shared subscriptions, no wildcard elsewhere matches it. */
const topics = [
  ...["a", "a/1", "a/2/x", "b", "b/1", "b/2/x", "c", "site/1/alert/p", "site/1/temp"],
  ...["site/2/alert/q", "dev/1/t", "dev/2/t", "dev/3/t", "dev/4/t", "/", "a//x"],
];
const sharedTopics = ["$q/1", "$q/2", "$q/3"];
const filters = [
  ...topics,
  ...[
    "#",
    "a/#",
    "+/1",
    "site/+/alert/#",
    "site/#",
    "dev/+/t",
    "+/+/+",
    "b/+",
    "+/#",
    "a/+/x",
    "+",
  ],
];
/** One topic of each broker's, for barriers. */
const marks: readonly string[] = ["$mark/1", "$mark/2", "$mark/3"];

/** Rules that spread these topics over m1, m2 and, if there is one, m3. */
export function rulesFor(brokers: number): readonly object[] {
  const third = brokers > 2 ? "m3" : "m1";
  const names = Array.from({ length: brokers }, (_, i) => `m${i + 1}`);
  return [
    { prefix: "a", cluster: "m2" },
    { key: "b/1", cluster: third },
    { filter: "site/+/alert/#", cluster: "m2" },
    { filter: "dev/#", hash: "rendezvous", over: names, level: 1 },
    { prefix: "$q/2", cluster: "m2" },
    { prefix: "$q/3", cluster: third },
    { key: "$mark/2", cluster: "m2" },
    { key: "$mark/3", cluster: third },
  ];
}

/** A number below `n`, from a seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(n: number): number {
    this.#state = (Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 12), 0x297a2d39) >>> 0;
    return ((value ^ (value >>> 15)) >>> 0) % n;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

/** One step of a script. */
export type Step =
  | {
      readonly do: "connect";
      readonly client: number;
      readonly clean: boolean;
      readonly will: Will | null;
    }
  | { readonly do: "disconnect" | "drop"; readonly client: number }
  | {
      readonly do: "subscribe";
      readonly client: number;
      readonly filters: readonly string[];
      readonly qos: Qos;
      readonly asPublished: boolean;
      readonly handling: 0 | 1 | 2;
      readonly noLocal: boolean;
      readonly identifier: number;
    }
  | { readonly do: "unsubscribe"; readonly client: number; readonly filter: string }
  | {
      readonly do: "publish";
      readonly client: number;
      readonly topic: string;
      readonly qos: Qos;
      readonly retain: boolean;
      readonly text: string;
    };

/** A script. The first two clients never leave, and share subscriptions. */
export interface Script {
  readonly version: Version;
  readonly steps: readonly Step[];
}

const clientCount = 5;

/** The script of a seed. */
export function makeScript(seed: number): Script {
  const dice = new Dice(seed);
  const version: Version = dice.chance(50) ? 4 : 5;
  const steps: Step[] = [];
  const online = new Set<number>();
  const connect = (client: number): void => {
    const topic = `will/${client}`;
    const payload = Buffer.from(`will ${client} ${steps.length}`);
    const will: Will = {
      ...{ topic, payload, properties: [] },
      qos: dice.pick([0, 1, 2] as const),
      retain: dice.chance(30),
    };
    const clean = client < 2 || dice.chance(50);
    steps.push({ do: "connect", client, clean, will: dice.chance(40) ? will : null });
    online.add(client);
  };
  for (let client = 0; client < clientCount; client++) connect(client);
  for (let i = 0; i < 40; i++) {
    const client = dice.below(clientCount);
    if (!online.has(client)) {
      connect(client);
      continue;
    }
    const roll = dice.below(100);
    if (roll < 25) {
      const shared = client < 2 && dice.chance(50);
      const chosen = [
        ...new Set(Array.from({ length: 1 + dice.below(3) }, () => dice.pick(filters))),
      ];
      steps.push({
        ...{ do: "subscribe", client, qos: dice.pick([0, 1, 2] as const) },
        filters: shared ? ["$share/g/$q/#"] : chosen,
        asPublished: version === 5 && dice.chance(30),
        handling: version === 5 ? dice.pick([0, 0, 1, 2] as const) : 0,
        noLocal: version === 5 && !shared && dice.chance(20),
        identifier: version === 5 && dice.chance(40) ? 1 + dice.below(200) : 0,
      });
    } else if (roll < 32) steps.push({ do: "unsubscribe", client, filter: dice.pick(filters) });
    else if (roll < 40 && client >= 2) {
      steps.push({ do: dice.chance(50) ? "drop" : "disconnect", client });
      online.delete(client);
    } else {
      steps.push({
        ...{ do: "publish", client, qos: dice.pick([0, 1, 2] as const) },
        topic: dice.chance(15) ? dice.pick(sharedTopics) : dice.pick(topics),
        retain: dice.chance(20),
        text: `${i}`,
      });
    }
  }
  return { version, steps };
}

/** What a world showed: a line for each answer and message. */
export interface Played {
  /** Answers to requests, in order. */
  readonly answers: readonly string[];
  /** Of each client, its messages without those of shared subscriptions, by topic, in order. */
  readonly messages: readonly string[];
  /** Messages of shared subscriptions, over all clients. */
  readonly shared: readonly string[];
  /** Topics of all that was delivered. */
  readonly delivered: readonly string[];
}

const expiry: readonly Property[] = [{ id: propertyId.sessionExpiry, value: 3_600 }];

/** Plays a script at a port; nothing of it is left at the broker. */
export async function play(port: number, { version, steps }: Script, run: string): Promise<Played> {
  const clients: (TestClient | null)[] = Array.from({ length: clientCount }, () => null);
  const memories = clients.map(() => new Memory());
  const past: TestClient["messages"][] = clients.map(() => []);
  const answers: string[] = [];
  const wills = new Map<number, Will>();
  const watcher = new TestClient(port, version);
  await watcher.connect({ clientId: `watch${run}` });
  await watcher.subscribe([{ filter: "will/#", qos: 1 }]);
  let marked = 0;
  /** Waits until all that was published has been delivered to those who are there. */
  const settle = async (): Promise<void> => {
    marked += 1;
    for (const mark of marks) await watcher.publish(mark, String(marked));
    for (const client of clients) {
      if (client === null) continue;
      const come = (): number =>
        client.messages.filter(
          ({ topic, payload }) => marks.includes(topic) && String(payload) === String(marked),
        ).length;
      await client.until(() => come() >= marks.length, `marks ${marked}`);
    }
  };
  const client = (index: number): TestClient => {
    const found = clients[index];
    if (found === null || found === undefined) throw new Error(`client ${index} is not there`);
    return found;
  };
  for (const step of steps) {
    if (step.do === "connect") {
      const next = new TestClient(port, version, memories[step.client]);
      const connack = await next.connect({
        clientId: `c${step.client}x${run}`,
        cleanStart: step.clean,
        will: step.will,
        properties: version === 5 && !step.clean ? expiry : [],
      });
      if (!connack.sessionPresent) memories[step.client]?.unreleased.clear();
      answers.push(`connect ${connack.reason} ${connack.sessionPresent}`);
      clients[step.client] = next;
      if (step.will === null) wills.delete(step.client);
      else wills.set(step.client, step.will);
      await next.subscribe(
        marks.map((filter) => ({ filter, qos: 0 as const, retainHandling: 0 as const })),
      );
    } else if (step.do === "publish") {
      const { topic, text, qos, retain } = step;
      const code = await client(step.client).publish(topic, text, { qos, retain });
      // Whether anybody subscribes is the owner's to say, and all copies are there alike.
      answers.push(`publish ${code}`);
    } else if (step.do === "subscribe") {
      const { filters: list, qos, asPublished, handling, noLocal, identifier } = step;
      const wanted = list.map((filter) => {
        return { filter, qos, noLocal, retainAsPublished: asPublished, retainHandling: handling };
      });
      const properties: readonly Property[] =
        identifier === 0 ? [] : [{ id: propertyId.subscriptionIdentifier, value: identifier }];
      answers.push(`subscribe ${await client(step.client).subscribe(wanted, properties)}`);
    } else if (step.do === "unsubscribe") {
      answers.push(`unsubscribe ${await client(step.client).unsubscribe(step.filter)}`);
    } else {
      const leaving = client(step.client);
      await settle();
      clients[step.client] = null;
      past[step.client]?.push(...leaving.messages);
      const will = step.do === "drop" ? wills.get(step.client) : undefined;
      if (step.do === "drop") await leaving.drop();
      else await leaving.disconnect();
      if (will !== undefined) {
        const text = String(will.payload);
        const come = (): boolean =>
          watcher.messages.some(({ payload }) => String(payload) === text);
        await watcher.until(come, `will "${text}"`);
      }
    }
    await settle();
  }
  clients.forEach((each, i) => {
    past[i]?.push(...(each?.messages ?? []));
  });
  await clear(port, version, watcher, clients, run);
  return shown(past, answers);
}

/** Removes what a script leaves: retained messages and kept sessions. */
async function clear(
  port: number,
  version: Version,
  watcher: TestClient,
  clients: readonly (TestClient | null)[],
  run: string,
): Promise<void> {
  for (const each of clients) await each?.disconnect();
  for (let i = 0; i < clientCount; i++) {
    const last = new TestClient(port, version);
    await last.connect({ clientId: `c${i}x${run}` });
    await last.disconnect();
  }
  const willTopics = clients.map((_, i) => `will/${i}`);
  for (const topic of [...topics, ...sharedTopics, ...willTopics]) {
    await watcher.publish(topic, "", { qos: 1, retain: true });
  }
  await watcher.disconnect();
}

function shown(past: readonly TestClient["messages"][], answers: readonly string[]): Played {
  const messages: string[] = [];
  const shared: string[] = [];
  const delivered: string[] = [];
  past.forEach((list, client) => {
    const byTopic = new Map<string, string[]>();
    for (const { topic, payload, qos, retain, properties } of list) {
      if (marks.includes(topic)) continue;
      delivered.push(topic);
      const ids = properties.flatMap((each) =>
        each.id === propertyId.subscriptionIdentifier ? [each.value] : [],
      );
      const words = `${payload} q${qos} r${Number(retain)} ids ${ids.sort()}`;
      if (topic.startsWith("$q")) shared.push(`${topic} ${words}`);
      else byTopic.set(topic, [...(byTopic.get(topic) ?? []), words]);
    }
    for (const [topic, all] of [...byTopic].sort())
      messages.push(`client ${client} ${topic}: ${all.join(", ")}`);
  });
  return { answers, messages, shared: shared.sort(), delivered };
}
