/** Errors in what MQTT sessions and filters mean. */
import type { Mutant } from "./mutant.ts";

const mqtt = "packages/codec-mqtt/src/";

/** Judged by codec-mqtt's own tests of sessions: the kit knows nothing of their meaning. */
export const mqttSessionMutants: readonly Mutant[] = [
  {
    name: "every broker hears the will",
    file: `${mqtt}session/client.ts`,
    find: "will: broker === this.willBroker ? connect.will : null,",
    put: "will: connect.will,",
  },
  {
    name: "the last broker's Receive Maximum is granted",
    file: `${mqtt}session/merge-connack.ts`,
    find: "Math.min(so, numberOf(properties, id, absent))",
    put: "numberOf(properties, id, absent)",
  },
  {
    name: "one broker's kept session is everybody's",
    file: `${mqtt}session/opening.ts`,
    find: "if (!followed && others.length > 0) return",
    put: "if (!followed && others.length > 9) return",
  },
  {
    name: "any broker acknowledges a message",
    file: `${mqtt}session/uploads.ts`,
    find: "if (upload === undefined || !answers(upload, broker)) return false;",
    put: "if (upload === undefined) return false;",
  },
  {
    name: "PUBREL goes to all brokers",
    file: `${mqtt}session/uploads.ts`,
    find: "    return asked === null ? [upload.broker] : [...asked];\n",
    put: "    return all;\n",
  },
  {
    name: "the broker's id goes to the client",
    file: `${mqtt}session/deliveries.ts`,
    find: "delivery.clientId = this.#lastId;",
    put: "delivery.clientId = delivery.brokerId;",
  },
  {
    name: "the client's id goes to the broker",
    file: `${mqtt}session/acknowledging.ts`,
    find: "withPacketId(bytes, frame.start, idAt, frame.end, origin.brokerId)",
    put: "withPacketId(bytes, frame.start, idAt, frame.end, packetId)",
  },
  {
    name: "an id stays taken when its message is done",
    file: `${mqtt}session/deliveries.ts`,
    find: "this.#byClient.delete(delivery.clientId);",
    put: "",
  },
  {
    name: "a message is done with PUBREC",
    file: `${mqtt}session/deliveries.ts`,
    find: 'if (packet === "pubrec" && reason < 0x80) delivery.state = "received";',
    put: 'if (packet === "pubrec" && reason > 0x80) delivery.state = "received";',
  },
  {
    name: "each broker has the client's Receive Maximum for itself",
    file: `${mqtt}session/deliveries.ts`,
    find: "size < maxIds && size - this.#due < this.window",
    put: "size < maxIds",
  },
  {
    name: "a message of a broker that does not own it is delivered",
    file: `${mqtt}session/downward.ts`,
    find: "if (owner !== broker) {",
    put: "if (owner === undefined) {",
  },
  {
    name: "a refused filter stays where it was granted",
    file: `${mqtt}session/subscribing.ts`,
    find: "return back.length === 0 ? suback()",
    put: "return back.length < 9 ? suback()",
  },
  {
    name: "UNSUBSCRIBE fails where one broker had nothing",
    file: `${mqtt}session/subscribing.ts`,
    find: "given.some((code) => code === 0)",
    put: "given.every((code) => code === 0)",
  },
  {
    name: "the highest QoS is granted",
    file: `${mqtt}session/subscribing.ts`,
    find: "Math.min(",
    put: "Math.max(",
  },
  {
    name: "DISCONNECT with will reaches every broker",
    file: `${mqtt}session/connected.ts`,
    find: "name === willBroker || packet.reason === null ? packet.reason : 0",
    put: "packet.reason",
  },
  {
    name: "a topic alias stands for the topic before",
    file: `${mqtt}session/publishing.ts`,
    find: "if (topicTo > topicFrom) this.#aliases.set",
    put: "if (topicTo > topicFrom && this.#aliases.get(alias) !== null) this.#aliases.set",
  },
];

/** Judged by codec-mqtt's own tests of filters and of tables over topics. */
export const mqttFilterMutants: readonly Mutant[] = [
  {
    name: "the end of a filter's first level is not looked for",
    file: `${mqtt}filters/filter.ts`,
    find: "if (t < topic.length && topic.charCodeAt(t) !== SLASH) return false;",
    put: "",
  },
  {
    name: "wildcards match topics of the broker's own",
    file: `${mqtt}filters/filter.ts`,
    find: "topic.charCodeAt(0) === DOLLAR) return false;",
    put: "topic.charCodeAt(0) === 0) return false;",
  },
  {
    name: "a hash counts levels from one",
    file: `${mqtt}filters/topic-map.ts`,
    find: "for (let level = owner.level; level > 0; level--)",
    put: "for (let level = owner.level; level > 1; level--)",
  },
  {
    name: "a filter forgets what lies below",
    file: `${mqtt}filters/topic-map.ts`,
    find: "nodes.some((node) => hasNew(this.#below[node] as ReadonlySet<number>))",
    put: "nodes.length > 99",
  },
  {
    name: "a filter goes to the first cluster alone",
    file: `${mqtt}filters/topic-map.ts`,
    find: "else for (const cluster of this.#clustersOf(kind.rule)) found.add(cluster);",
    put: "else for (const cluster of this.#clustersOf(kind.rule).slice(0, 1)) found.add(cluster);",
  },
];
