/** Random scripts of several clients, as data: what each does, one step after the other. */
import { type Property, propertyId, type Qos, type Version, type Will } from "@echarde/codec-mqtt";
import { Dice } from "./dice.ts";
import { filters, sharedFilters, sharedTopics, topics, willTopics } from "./topics.ts";

/** A message to be published. */
export interface Message {
  readonly topic: string;
  readonly retain: boolean;
  /** Empty and retained: what was retained goes. */
  readonly text: string;
  readonly properties: readonly Property[];
  /** Topic alias that the client has for the topic, 0 = none. */
  readonly alias: number;
}

/** One step of a script. Steps of a client that is not there are left out. */
export type Step =
  | {
      /** One that is there is taken over. */
      readonly do: "connect";
      readonly client: number;
      readonly clean: boolean;
      /** Whether the session outlives the connection. */
      readonly keeps: boolean;
      readonly will: Will | null;
      /** Of CONNECT, without the session's expiry. */
      readonly properties: readonly Property[];
    }
  | { readonly do: "drop"; readonly client: number }
  | {
      readonly do: "disconnect";
      readonly client: number;
      /** The will is published all the same. */
      readonly withWill: boolean;
      /** The session is not kept, whatever CONNECT said. */
      readonly ends: boolean;
    }
  | {
      readonly do: "subscribe";
      readonly client: number;
      readonly filters: readonly string[];
      readonly qos: Qos;
      readonly asPublished: boolean;
      readonly handling: 0 | 1 | 2;
      readonly noLocal: boolean;
      readonly properties: readonly Property[];
    }
  | { readonly do: "unsubscribe"; readonly client: number; readonly filters: readonly string[] }
  | {
      /** All at once, then all acknowledgements. */
      readonly do: "publish";
      readonly client: number;
      readonly qos: Qos;
      readonly messages: readonly Message[];
    }
  | {
      /** Until messages have expired. */
      readonly do: "linger";
    };

/** A script. The first two clients never leave, and share subscriptions. */
export interface Script {
  readonly version: Version;
  readonly steps: readonly Step[];
}

/** Clients of a script. */
export const clientCount = 5;
/** Clients that may share: which member gets a message is for each broker to say, so that none may leave. */
const sharers = 2;
/** Topic aliases that every server takes. */
const aliases = 4;

/** The script of a seed; of one version where `only` names it. */
export function makeScript(seed: number, only: Version | null = null): Script {
  const dice = new Dice(seed);
  const version: Version = only ?? (dice.chance(40) ? 4 : 5);
  const steps: Step[] = [];
  const online = new Set<number>();
  for (let client = 0; client < clientCount; client++) {
    steps.push(connecting(dice, version, client));
    online.add(client);
  }
  const lingersAt = version === 5 && dice.below(200) === 0 ? 20 : -1;
  for (let i = 0; i < 40; i++) {
    const client = dice.below(clientCount);
    if (i === lingersAt) steps.push(expiring(dice, client), { do: "linger" });
    const roll = dice.below(100);
    if (!online.has(client) || (roll < 4 && client >= sharers)) {
      steps.push(connecting(dice, version, client));
      online.add(client);
    } else if (roll < 27) steps.push(subscribing(dice, version, client));
    else if (roll < 33) {
      const all = client < sharers ? [...filters, ...sharedFilters, ...sharedFilters] : filters;
      steps.push({ do: "unsubscribe", client, filters: dice.some(all, 3) });
    } else if (roll < 42 && client >= sharers) {
      steps.push(leaving(dice, version, client));
      online.delete(client);
    } else steps.push(publishing(dice, version, client, i));
  }
  return { version, steps };
}

function connecting(dice: Dice, version: Version, client: number): Step {
  const clean = client < sharers || dice.chance(50);
  const keeps = client >= sharers && (version === 5 ? dice.chance(60) : !clean);
  const properties: Property[] = [];
  const will: Will = {
    topic: `${dice.pick(willTopics)}/${client}`,
    payload: Buffer.from(`will of ${client}: ${dice.below(1e6)}`),
    properties: version === 5 ? messageProperties(dice) : [],
    qos: dice.pick([0, 1, 2] as const),
    retain: dice.chance(30),
  };
  if (version === 5) {
    if (dice.chance(20)) {
      properties.push({ id: propertyId.receiveMaximum, value: 1 + dice.below(4) });
    }
    if (dice.chance(20)) properties.push({ id: propertyId.requestResponseInformation, value: 1 });
    if (dice.chance(20)) properties.push({ id: propertyId.requestProblemInformation, value: 0 });
    if (dice.chance(20)) properties.push({ id: propertyId.topicAliasMaximum, value: 5 });
    if (dice.chance(20)) properties.push(user("connects", `${client}`));
  }
  // A session that ends with its connection leaves nothing for a delayed will to wait for.
  const delay = version === 5 && keeps && dice.chance(40) ? (dice.chance(5) ? 1 : 3_600) : 0;
  const delayed: Will = {
    ...will,
    properties: [{ id: propertyId.willDelay, value: delay }, ...will.properties],
  };
  const chosen = delay === 0 ? will : delayed;
  return {
    ...{ do: "connect", client, clean, keeps, properties },
    will: dice.chance(40) ? chosen : null,
  };
}

function leaving(dice: Dice, version: Version, client: number): Step {
  if (dice.chance(45)) return { do: "drop", client };
  const withWill = version === 5 && dice.chance(40);
  const ends = version === 5 && !withWill && dice.chance(30);
  return { do: "disconnect", client, withWill, ends };
}

function subscribing(dice: Dice, version: Version, client: number): Step {
  const shared = client < sharers && dice.chance(50);
  const properties: Property[] = [];
  if (version === 5 && dice.chance(40)) {
    properties.push({ id: propertyId.subscriptionIdentifier, value: 1 + dice.below(200) });
  }
  if (version === 5 && dice.chance(10)) properties.push(user("why", "test"));
  return {
    ...{ do: "subscribe", client, qos: dice.pick([0, 1, 2] as const), properties },
    filters: shared ? [dice.pick(sharedFilters)] : dice.some(filters, 4),
    asPublished: version === 5 && dice.chance(30),
    handling: version === 5 ? dice.pick([0, 0, 1, 2] as const) : 0,
    noLocal: version === 5 && !shared && dice.chance(20),
  };
}

function publishing(dice: Dice, version: Version, client: number, number: number): Step {
  const messages = Array.from(
    { length: dice.chance(25) ? 2 + dice.below(5) : 1 },
    (_, i): Message => {
      const at = dice.below(topics.length);
      const retain = dice.chance(25);
      return {
        topic: dice.chance(15) ? dice.pick(sharedTopics) : (topics[at] as string),
        retain,
        text: retain && dice.chance(30) ? "" : `${number}.${i}`,
        properties: version === 5 ? messageProperties(dice) : [],
        alias: version === 5 && dice.chance(30) ? 1 + dice.below(aliases) : 0,
      };
    },
  );
  return { do: "publish", client, qos: dice.pick([0, 1, 2] as const), messages };
}

/** Messages that nobody may see two seconds later. */
function expiring(dice: Dice, client: number): Step {
  const properties: readonly Property[] = [{ id: propertyId.messageExpiry, value: 2 }];
  const messages = ["a/1", "c", "dev/1/t", "dev/2/t"].map((topic) => {
    return { topic, retain: dice.chance(70), text: "expires", properties, alias: 0 };
  });
  return { do: "publish", client, qos: dice.pick([1, 2] as const), messages };
}

function messageProperties(dice: Dice): readonly Property[] {
  if (dice.chance(50)) return [];
  const properties: Property[] = [];
  if (dice.chance(30)) properties.push({ id: propertyId.payloadFormat, value: 1 });
  if (dice.chance(30)) properties.push({ id: propertyId.messageExpiry, value: 3_600 });
  if (dice.chance(30)) properties.push({ id: propertyId.contentType, value: "text/plain" });
  if (dice.chance(40)) {
    properties.push({ id: propertyId.responseTopic, value: dice.pick(topics) });
    const value = Uint8Array.from({ length: dice.below(9) }, () => dice.below(256));
    properties.push({ id: propertyId.correlationData, value });
  }
  for (let i = dice.below(4); i > 0; i--) properties.push(user(dice.pick(["k", "l"]), `${i}`));
  return properties;
}

function user(name: string, value: string): Property {
  return { id: propertyId.userProperty, name, value };
}
