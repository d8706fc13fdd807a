/** Plays a script at one address, and shows what its clients saw. */
import { setTimeout as sleep } from "node:timers/promises";
import { numberOf, type Property, type Publish, propertyId, type Will } from "@echarde/codec-mqtt";
import { Memory, TestClient } from "./client.ts";
import { clientCount, type Message, type Script, type Step } from "./script.ts";
import { marks, sharedTopics, topics, willFilters } from "./topics.ts";

/** What a world showed: a line for each answer and message. */
export interface Played {
  /** Answers to requests, in order. */
  readonly answers: readonly string[];
  /** Of each client, its messages without those of shared subscriptions, by topic, in order. The last client hears wills. */
  readonly messages: readonly string[];
  /** Messages of shared subscriptions, over all clients. */
  readonly shared: readonly string[];
  /** Topics of all that was delivered, in order, client by client. */
  readonly delivered: readonly (readonly string[])[];
}

type Do<T extends Step["do"]> = Extract<Step, { readonly do: T }>;

/** Plays a script at a port; nothing of it is left at the broker. `run` names its clients. */
export async function play(port: number, script: Script, run: string): Promise<Played> {
  const world = new World(port, script, run);
  try {
    await world.begin();
    for (const step of script.steps) await world.step(step);
    return await world.end();
  } finally {
    await world.cut();
  }
}

class World {
  readonly #port: number;
  readonly #script: Script;
  readonly #run: string;
  readonly #watcher: TestClient;
  readonly #clients: (TestClient | null)[] = Array.from({ length: clientCount }, () => null);
  readonly #memories: readonly Memory[] = this.#clients.map(() => new Memory());
  readonly #wills: (Will | null)[] = this.#clients.map(() => null);
  readonly #keeps: boolean[] = this.#clients.map(() => false);
  readonly #past: Publish[][] = this.#clients.map(() => []);
  readonly #answers: string[] = [];
  /** Topics of aliases, of each client. */
  readonly #aliases: Map<number, string>[] = this.#clients.map(() => new Map());
  /** With a Receive Maximum messages wait, and QoS 0 does not wait with them. */
  readonly #markQos: 0 | 1;
  #marked = 0;
  /** A client has left, and brokers know in their own time: until then they count its subscriptions. */
  #left = false;

  constructor(port: number, script: Script, run: string) {
    this.#port = port;
    this.#script = script;
    this.#run = run;
    this.#watcher = new TestClient(port, script.version);
    const waits = script.steps.some(
      (step) =>
        step.do === "connect" && step.properties.some(({ id }) => id === propertyId.receiveMaximum),
    );
    this.#markQos = waits ? 1 : 0;
  }

  async begin(): Promise<void> {
    await this.#watcher.connect({ clientId: `watch${this.#run}` });
    await this.#watcher.subscribe(willFilters.map((filter) => ({ filter, qos: 1 })));
    await this.#subscribeMarks(this.#watcher);
  }

  async step(step: Step): Promise<void> {
    if (step.do === "linger") {
      await sleep(4_500);
      return;
    }
    if (step.do === "connect") await this.#connect(step);
    else {
      const client = this.#clients[step.client];
      if (client === null || client === undefined) return;
      if (step.do === "publish") await this.#publish(client, step);
      else if (step.do === "subscribe") await this.#subscribe(client, step);
      else if (step.do === "unsubscribe") {
        this.#answers.push(`unsubscribe ${await client.unsubscribe(...step.filters)}`);
      } else await this.#leave(client, step);
    }
    // By the same connection: what comes on another may overtake it.
    await this.#settle(this.#clients[step.client] ?? this.#watcher);
  }

  /** Takes all away that is kept: sessions and retained messages. */
  async end(): Promise<Played> {
    const watched = [...this.#watcher.messages];
    const past = this.#past.map((list, i) => [...list, ...(this.#clients[i]?.messages ?? [])]);
    for (const each of this.#clients) await each?.disconnect();
    for (let i = 0; i < clientCount; i++) {
      const last = new TestClient(this.#port, this.#script.version);
      await last.connect({ clientId: this.#name(i) });
      await last.disconnect();
    }
    // Wills too: those that were delayed have come with the end of their sessions.
    await this.#settle(this.#watcher, [this.#watcher]);
    const retained = this.#watcher.messages.map(({ topic }) => topic);
    const all = new Set([...topics, ...sharedTopics, ...retained]);
    for (const topic of all) {
      if (!marks.includes(topic)) {
        await this.#watcher.publish(topic, "", { qos: 1, retain: true });
      }
    }
    await this.#watcher.disconnect();
    return shown([...past, watched], this.#answers, this.#markQos === 1);
  }

  /** Leaves no connection open. */
  async cut(): Promise<void> {
    await Promise.all([this.#watcher, ...this.#clients].map((each) => each?.drop()));
  }

  #name(client: number): string {
    return `c${client}x${this.#run}`;
  }

  async #subscribeMarks(client: TestClient): Promise<void> {
    const qos = this.#markQos;
    await client.subscribe(marks.map((filter) => ({ filter, qos, retainHandling: 2 })));
  }

  /** Waits until all that was published has been delivered to those who are there. */
  async #settle(
    by: TestClient = this.#watcher,
    who: readonly (TestClient | null)[] = [...this.#clients, this.#watcher],
  ): Promise<void> {
    this.#marked += 1;
    const text = String(this.#marked);
    await Promise.all(marks.map((mark) => by.publish(mark, text, { qos: this.#markQos })));
    for (const client of who) {
      const come = (): boolean => {
        const here = (client?.messages ?? []).slice(-200);
        const mine = here.filter(
          ({ topic, payload }) => marks.includes(topic) && String(payload) === text,
        );
        return mine.length >= marks.length;
      };
      await client?.until(come, `marks ${text}`);
    }
  }

  async #connect({ client, clean, keeps, will, properties }: Do<"connect">): Promise<void> {
    const { version } = this.#script;
    const older = this.#clients[client];
    // What comes for it from here on may come too late: its own will among others.
    if (older !== null && older !== undefined) this.#past[client]?.push(...older.messages);
    const memory = this.#memories[client] as Memory;
    const next = new TestClient(this.#port, version, memory);
    const expiry: Property = { id: propertyId.sessionExpiry, value: 3_600 };
    // A will that is due at once when its connection is taken over and the session goes on: Mosquitto
    // publishes it only if it sees the older connection end first, and behind the router it may.
    const isDue = older !== null && this.#wills[client] !== null && this.#keeps[client] === true;
    const cleanStart = clean || (isDue && delayOf(this.#wills[client] ?? null) === 0);
    const connack = await next.connect({
      clientId: this.#name(client),
      ...{ cleanStart, will },
      properties: version === 5 ? [...(keeps ? [expiry] : []), ...properties] : [],
    });
    this.#answers.push(`connect ${connack.reason} ${connack.sessionPresent}`);
    if (!connack.sessionPresent) memory.unreleased.clear();
    await older?.closed();
    this.#clients[client] = next;
    this.#wills[client] = will;
    this.#keeps[client] = keeps;
    this.#aliases[client]?.clear();
    await this.#subscribeMarks(next);
  }

  async #publish(client: TestClient, step: Do<"publish">): Promise<void> {
    const { qos, messages } = step;
    const codes = await Promise.all(
      messages.map((message) => {
        const { text, retain } = message;
        const { topic, properties } = this.#aliased(step.client, message);
        return client.publish(topic, text, { qos, retain, properties });
      }),
    );
    const told = codes.map((code) => (this.#left && code === nobodySubscribes ? 0 : code));
    this.#answers.push(`publish ${told}`);
  }

  /** With its alias, which stands for the topic once the server knows it. */
  #aliased(
    client: number,
    { topic, properties, alias }: Message,
  ): Pick<Message, "topic" | "properties"> {
    if (alias === 0) return { topic, properties };
    const known = this.#aliases[client] as Map<number, string>;
    const isKnown = known.get(alias) === topic;
    known.set(alias, topic);
    const more: Property = { id: propertyId.topicAlias, value: alias };
    return { topic: isKnown ? "" : topic, properties: [...properties, more] };
  }

  async #subscribe(client: TestClient, step: Do<"subscribe">): Promise<void> {
    const { qos, asPublished, handling, noLocal, properties } = step;
    const wanted = step.filters.map((filter) => {
      return { filter, qos, noLocal, retainAsPublished: asPublished, retainHandling: handling };
    });
    this.#answers.push(`subscribe ${await client.subscribe(wanted, properties)}`);
    await this.#quiet(client);
  }

  /** What is retained has come: aedes sends the next one when the one before is acknowledged, and other messages meanwhile. */
  async #quiet(client: TestClient): Promise<void> {
    const come = (): number => client.messages.filter(({ topic }) => !marks.includes(topic)).length;
    for (let silent = 0, before = come(); silent < 3; before = come()) {
      await this.#settle(client, [client]);
      silent = come() === before ? silent + 1 : 0;
    }
  }

  async #leave(client: TestClient, step: Do<"drop" | "disconnect">): Promise<void> {
    const will = this.#wills[step.client] ?? null;
    const before = this.#watcher.messages.length;
    this.#clients[step.client] = null;
    this.#past[step.client]?.push(...client.messages);
    this.#left = true;
    if (step.do === "drop") await client.drop();
    else if (step.withWill) await client.disconnect(4);
    else {
      const never: Property = { id: propertyId.sessionExpiry, value: 0 };
      const ends = step.ends && this.#keeps[step.client] === true;
      await client.disconnect(null, ends ? [never] : null);
    }
    if (will === null || (step.do === "disconnect" && !step.withWill)) return;
    if (delayOf(will) > 1) return;
    const text = String(will.payload);
    const come = (): boolean =>
      this.#watcher.messages.slice(before).some(({ payload }) => String(payload) === text);
    await this.#watcher.until(come, `will "${text}"`);
  }
}

/** With `apart` each QoS has its own order: messages of QoS 1 and 2 wait for room, QoS 0 overtakes them. */
function shown(
  past: readonly (readonly Publish[])[],
  answers: readonly string[],
  apart: boolean,
): Played {
  const messages: string[] = [];
  const shared: string[] = [];
  const delivered = past.map((list) =>
    list.map(({ topic }) => topic).filter((topic) => !marks.includes(topic)),
  );
  past.forEach((list, client) => {
    const byTopic = new Map<string, string[]>();
    for (const { topic, payload, qos, retain, properties } of list) {
      if (marks.includes(topic)) continue;
      const ids = properties.flatMap((each) =>
        each.id === propertyId.subscriptionIdentifier ? [each.value] : [],
      );
      const words = properties.map(wordsOf).filter((word) => word !== "");
      const what = [payload, ...words].join(" ");
      // Which member gets a message is each broker's choice, and with it that member's QoS and flags.
      if (topic.startsWith("$q")) shared.push(`${topic} ${what}`);
      else {
        const line = `${what} q${qos} r${Number(retain)} ids ${ids.sort((a, b) => a - b)}`;
        const key = apart ? `${topic} q${qos}` : topic;
        byTopic.set(key, [...(byTopic.get(key) ?? []), line]);
      }
    }
    for (const [topic, all] of [...byTopic].sort())
      messages.push(`client ${client} ${topic}: ${all.join(", ")}`);
  });
  return { answers, messages, shared: shared.sort(), delivered };
}

/** Seconds. */
function delayOf(will: Will | null): number {
  return numberOf(will?.properties ?? [], propertyId.willDelay, 0);
}

function wordsOf(property: Property): string {
  const { id } = property;
  if (id === propertyId.subscriptionIdentifier) return "";
  if (id === propertyId.userProperty) return `${property.name}=${property.value}`;
  if (id === propertyId.messageExpiry) {
    // What is left of it: the clock goes on.
    return `expiry ${property.value > 3_000 && property.value <= 3_600 ? 3_600 : property.value}`;
  }
  const { value } = property;
  return `#${id} ${value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value}`;
}

/** Reason code of PUBACK and PUBREC: No matching subscribers. */
const nobodySubscribes = 0x10;
