import { randomBytes } from "node:crypto";
import type { Connect, Publish, Subscription } from "@echarde/codec-mqtt";
import type { Codec } from "@echarde/core";

/** What the command line needs of a protocol. */
export interface Protocol {
  /** Its codec; the options of the table count. */
  readonly codec: Codec;
  /** A request as a person types it, in the bytes that a client sends. */
  encodeRequest(text: string): Uint8Array;
}

/** The protocol of a configuration, null when there is none of that name (yet). Loads only the one asked for. */
export async function loadProtocol(name: string): Promise<Protocol | null> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  return load === undefined ? null : load();
}

/** Names that {@link loadProtocol} knows. */
export function knownProtocols(): readonly string[] {
  return Object.keys(loaders);
}

const loaders: Readonly<Record<string, () => Promise<Protocol>>> = {
  influx: async () => ({
    codec: (await import("@echarde/codec-influx")).influx(),
    // "DATABASE LINE", a point as line protocol has it.
    encodeRequest: (text) => {
      const [, database = "", line = ""] = /^\s*(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
      const body = Buffer.from(line);
      const target = `/write?db=${encodeURIComponent(database)}`;
      const head = `POST ${target} HTTP/1.1\r\nHost: explain\r\nContent-Length: ${body.length}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head), body]);
    },
  }),
  kafka: async () => {
    const { encodeMetadataRequest, kafka } = await import("@echarde/codec-kafka");
    return {
      codec: kafka(),
      // "TOPIC...": where their metadata is asked for.
      encodeRequest: (text) => encodeMetadataRequest(wordsOf(text)),
    };
  },
  mqtt: async () => {
    const { encodePacket, mqtt } = await import("@echarde/codec-mqtt");
    const seed = randomBytes(4).toString("hex");
    return {
      codec: mqtt({ seed }),
      // "publish TOPIC" or "subscribe FILTER...", behind a CONNECT: nothing is heard without one.
      // "client=ID" and "user=NAME" before it say whose.
      encodeRequest: (text) => {
        const all = wordsOf(text);
        const { client = introduction.clientId, user = null } = sourceOf(all);
        const connect = encodePacket({ ...introduction, clientId: client, userName: user }, 4);
        const [verb = "", ...words] = all;
        if (verb.toLowerCase() === "subscribe" && words.length > 0) {
          const subscriptions = words.map((filter) => ({ ...plainSubscription, filter }));
          const packet = { type: "subscribe", packetId: 1, properties: [], subscriptions } as const;
          return Buffer.concat([connect, encodePacket(packet, 4)]);
        }
        const topic = verb.toLowerCase() === "publish" ? (words[0] ?? "") : verb;
        return Buffer.concat([connect, encodePacket({ ...plainMessage, topic }, 4)]);
      },
    };
  },
  redis: async () => ({
    codec: (await import("@echarde/codec-redis")).redis(),
    encodeRequest: (text) => {
      const words = wordsOf(text).map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      return Buffer.from(`*${words.length}\r\n${words.join("")}`);
    },
  }),
};

/** Takes `client=ID` and `user=NAME` off the front. */
function sourceOf(words: string[]): { client?: string; user?: string } {
  const found: { client?: string; user?: string } = {};
  for (;;) {
    const [, name, value] = /^(client|user)=(.*)$/s.exec(words[0] ?? "") ?? [];
    if (value === undefined) return found;
    found[name === "client" ? "client" : "user"] = value;
    words.shift();
  }
}

const introduction: Connect = {
  type: "connect",
  version: 4,
  cleanStart: true,
  keepAlive: 0,
  properties: [],
  clientId: "explain",
  will: null,
  userName: null,
  password: null,
};
const plainMessage: Omit<Publish, "topic"> = {
  type: "publish",
  dup: false,
  qos: 0,
  retain: false,
  packetId: 0,
  properties: [],
  payload: new Uint8Array(0),
};
const plainSubscription: Omit<Subscription, "filter"> = {
  qos: 0,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0,
};

/** Words between spaces; one in double quotes may hold spaces and the escapes of JSON. */
function wordsOf(text: string): string[] {
  return (text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map((word) => {
    if (!word.startsWith('"')) return word;
    try {
      return String(JSON.parse(word));
    } catch {
      return word;
    }
  });
}
