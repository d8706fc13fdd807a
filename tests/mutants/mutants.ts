/**
 * One error each, of the kinds that authors of codecs make, and of the core under them: framing,
 * order, merges, limits, state of sessions, connections that are shared where they must not be.
 */
import type { Mutant } from "./mutant.ts";

const redis = "packages/codec-redis/src/";
const core = "packages/core/src/";
const kafka = "packages/codec-kafka/src/";
const mqtt = "packages/codec-mqtt/src/";
const influx = "packages/codec-influx/src/";
const memcached = "examples/codec-memcached/memcached.ts";

/** Judged with codec-redis. */
export const redisMutants: readonly Mutant[] = [
  {
    name: "an argument ends a byte early",
    file: `${redis}wire/request-reader.ts`,
    find: "const end = at + length;\n      if (end + 2 > size)",
    put: "const end = at + length - (length > 4 ? 1 : 0);\n      if (end + 2 > size)",
  },
  {
    name: "one byte too many is waited for",
    file: `${redis}wire/request-reader.ts`,
    find: "return this.#wait(end + 2 - this.#from);",
    put: "return this.#wait(end + 3 - this.#from);",
  },
  {
    name: "the reader forgets that the bytes have moved",
    file: `${redis}wire/request-reader.ts`,
    find: "    this.#at += shift;\n",
    put: "",
  },
  {
    name: "a count that is no number passes",
    file: `${redis}wire/request-reader.ts`,
    find: "if (!(count <= this.#limits.maxArgs))",
    put: "if (count > this.#limits.maxArgs)",
  },
  {
    name: "bad bytes leave the client connected",
    file: `${redis}session.ts`,
    find: 'return { type: "refuse", bytes: words, end: true };',
    put: 'return { type: "refuse", bytes: words, end: false };',
  },
  {
    name: "the reply scanner forgets a payload that is cut",
    file: `${redis}wire/reply-scanner.ts`,
    find: "this.#value -= step;",
    put: "this.#value = 0;",
  },
  {
    name: "a value stands for all keys of its cluster",
    file: `${core}combine/by-position.ts`,
    find: "    source.at = to;\n",
    put: "",
  },
  {
    name: "a key that is asked for twice is dropped",
    file: `${redis}plans/split.ts`,
    find: "  return groupByOwner(owners, runtime.clusterCount);",
    put: "  return groupByOwner(owners.slice(0, new Set(owners).size + 1), runtime.clusterCount);",
  },
  {
    name: "a sum is the last part's",
    file: `${redis}plans/split.ts`,
    find: "exactSum(replies.map(",
    put: "exactSum(replies.slice(-1).map(",
  },
  {
    name: "MSET is well although a cluster failed",
    file: `${redis}plans/split.ts`,
    find: "(replies) => splitFailure(replies, true) ?? local(OK),",
    put: "() => local(OK),",
  },
  {
    name: "a lost part of a sum counts as nothing",
    file: `${redis}plans/split.ts`,
    find: "  const failure = splitFailure(replies, writes);\n  if (failure !== null) return failure;\n  const total",
    put: "  replies = replies.filter((reply) => frameOf(reply) !== null);\n  const total",
  },
  {
    name: "BLPOP waits on a connection that others share",
    file: `${redis}plans/blocking.ts`,
    find: '? forward(owner, "private", timeout, true)',
    put: '? forward(owner, "shared", timeout, true)',
  },
  {
    name: "BLPOP is overtaken by what is behind it",
    file: `${redis}plans/blocking.ts`,
    find: '? forward(owner, "private", timeout, true)',
    put: '? forward(owner, "private", timeout, false)',
  },
  {
    name: "the cluster of a transaction is forgotten",
    file: `${redis}plans/transaction.ts`,
    find: "  transaction.cluster = runtime.nameOf(owner);\n",
    put: "",
  },
  {
    name: "CLIENT REPLY SKIP does not keep silent",
    file: `${redis}session.ts`,
    find: "return { ...plan, silent: true };",
    put: "return plan;",
  },
  {
    name: "CLIENT REPLY SKIP keeps silent for ever",
    file: `${redis}session.ts`,
    find: 'if (skip) this.replies = "on";',
    put: "if (skip) this.replies = this.replies;",
  },
  {
    name: "SELECT is agreed to and forgotten",
    file: `${redis}plans/connection.ts`,
    find: "    session.context.journal = next;\n    session.database = index;\n",
    put: "",
  },
  {
    name: "a channel that was left is still held",
    file: `${redis}plans/pub-sub.ts`,
    find: "        held.delete(name);\n",
    put: "",
  },
  {
    name: "a failure without words",
    file: `${redis}failures.ts`,
    find: "return failure.reply ?? error(",
    put: "return failure.reply ?? ((_: string) => new Uint8Array(0))(",
  },
  {
    name: "core: what is under way on another lane is overtaken",
    file: `${core}session-links.ts`,
    find: "return lanes.sharedInFlight === 0 || !this.usesOwn(lanes, lane);",
    put: "return true;",
  },
  {
    name: "core: links are shared whatever the settings",
    file: `${core}router-core.ts`,
    find: "const known = upstream.shared.get(journal.key);",
    put: "const known = [...upstream.shared.values()][0];",
  },
  {
    name: "core: an answer leaves before its turn",
    file: `${core}answers.ts`,
    find: "      if (!head.done) break;\n",
    put: "      if (!head.done && head.next === null) break;\n",
  },
  {
    name: "core: a reply goes to the newest request",
    file: `${core}in-flight.ts`,
    find: "  match(_id: number): Exchange | undefined {\n    return this.#ring[this.#first];",
    put: "  match(_id: number): Exchange | undefined {\n    return this.#ring[(this.#first + this.size - 1) & (this.#ring.length - 1)];",
  },
  {
    name: "core: what outlives an input is not copied",
    file: `${core}session.ts`,
    find: "    else if (this.#core.reusesInput) box.own(this.#need);\n",
    put: "",
  },
  {
    name: "core: a new connection does not hear the settings",
    file: `${core}replay.ts`,
    find: "    this.#say(this.#link.journal.since(before, this.#link.session !== null));\n",
    put: "    this.#say([]);\n",
  },
  {
    name: "core: what is in flight on a lost link has no outcome",
    file: `${core}link.ts`,
    find: "    for (const exchange of waiting) this.outcomes.failed(exchange, reason, true, reply);\n",
    put: "",
  },
];

/** Judged with the memcached codec. */
export const memcachedMutants: readonly Mutant[] = [
  {
    name: "a value ends with its data",
    file: memcached,
    find: 'this.end += Number(said["length"]) + 2;',
    put: 'this.end += Number(said["length"]);',
  },
  {
    name: "a value need not be there",
    file: memcached,
    find: "      if (bytes.length < this.end) return null;\n",
    put: "",
  },
  {
    name: "a line ends where the bytes do",
    file: memcached,
    find: "    if (body === 0) return null;\n",
    put: "",
  },
  {
    name: "values in the order of the servers",
    file: memcached,
    find: 'return [...keys.flatMap((key) => values.get(key)?.pop() ?? []), lineOf("END")];',
    put: 'return [...frames.flatMap((frame) => [...valuesIn(frame)].map(([, block]) => block)), lineOf("END")];',
  },
  {
    name: "an error of one server is swallowed",
    file: memcached,
    find: "    if (error === null) return local(",
    put: "    if (error !== undefined) return local(",
  },
  {
    name: "noreply is not heeded where it is split",
    file: memcached,
    find: "merged(anyOf), { silent });\n    if (new Set",
    put: "merged(anyOf));\n    if (new Set",
  },
  {
    name: "noreply reaches the server, whose reply is waited for",
    file: memcached,
    find: "const packet = silent ? asking : [bytes.subarray(from, this.end)];",
    put: "const packet = [bytes.subarray(from, this.end)];",
  },
  {
    name: "all keys go to the owner of the first",
    file: memcached,
    find: "if (new Set(owners).size < 2) return forward(owner);",
    put: "if (owners.length > 0) return forward(owner);",
  },
  {
    name: "a client without replies is refused aloud",
    file: memcached,
    find: 'if (wrong !== "") return silent ? local([]) : refuse(lineOf(wrong));',
    put: 'if (wrong !== "") return refuse(lineOf(wrong));',
  },
  {
    name: "a value that looks like a reply ends the reply",
    file: memcached,
    find: "if (length !== undefined) this.#left = Number(length) + 2;",
    put: "if (length !== undefined) this.#left = 0;",
  },
  {
    name: "where the next request starts is guessed",
    file: memcached,
    find: "if (storing.test(line)) return refuse(badLine, { end: true });",
    put: "if (storing.test(line)) return refuse(badLine);",
  },
];

/** Judged with codec-kafka. */
export const kafkaMutants: readonly Mutant[] = [
  {
    name: "the length of a request counts itself",
    file: `${kafka}session.ts`,
    find: "this.need = length + 4;",
    put: "this.need = length;",
  },
  {
    name: "a response that is cut is whole",
    file: `${kafka}link.ts`,
    find: "this.#left -= end - from;",
    put: "this.#left = 0;",
  },
  {
    name: "the id of a response is read where its length is",
    file: `${kafka}link.ts`,
    find: "this.id = view.getInt32(4);",
    put: "this.id = view.getInt32(0);",
  },
  {
    name: "requests keep the client's id on a connection",
    file: `${kafka}link.ts`,
    find: "return renumbered(chunk, 8, id);",
    put: "return [chunk];",
  },
  {
    name: "results of the last broker alone",
    file: `${kafka}plans/split.ts`,
    find: "response: shape.response(results, throttle, all),",
    put: "response: shape.response(results.slice(-1), throttle, all),",
  },
  {
    name: "the loss of a broker throws",
    file: `${kafka}plans/split.ts`,
    find: "        } else call.failed(cluster, reply?.failure ?? null);\n",
    put: "        } else throw new Error(String(reply?.failure?.reason));\n",
  },
];

/** Judged with codec-mqtt, before CONNECT and behind it. */
export const mqttMutants: readonly Mutant[] = [
  {
    name: "seven bits of a length count as eight",
    file: `${mqtt}wire/frame-reader.ts`,
    find: "    this.body = at;\n",
    put: "    this.body = at - 1;\n",
  },
  {
    name: "a packet ends a byte early",
    file: `${mqtt}wire/frame-reader.ts`,
    find: "    this.end = from + whole;\n",
    put: "    this.end = from + whole - 1;\n",
  },
  {
    name: "any first byte begins a packet",
    file: `${mqtt}wire/frame-reader.ts`,
    find: "      this.rejection = this.#judge(first);\n",
    put: "      this.rejection = null;\n",
  },
  {
    name: "a rejected client stays connected",
    file: `${mqtt}session/mqtt-session.ts`,
    find: "return refuse(this.#goodbye(rejection.reason, words), { end: true });",
    put: "return refuse(this.#goodbye(rejection.reason, words));",
  },
  {
    name: "bytes of a large push are lost between chunks",
    file: `${mqtt}mqtt-link.ts`,
    find: "    this.#left -= end - from;\n",
    put: "    this.#left = 0;\n",
  },
  {
    name: "messages answer requests",
    file: `${mqtt}mqtt-link.ts`,
    find: '      default:\n        this.event = "push";',
    put: '      default:\n        this.event = "reply";',
  },
];

/** Judged with codec-influx. */
export const influxMutants: readonly Mutant[] = [
  {
    name: "what is not HTTP leaves the client connected",
    file: `${influx}session.ts`,
    find: "return refusal(head.fault.status, head.fault.text, true);",
    put: "return refusal(head.fault.status, head.fault.text, false);",
  },
  {
    name: "a bad body leaves the client connected",
    file: `${influx}session.ts`,
    find: "return refusal(this.#body.fault.status, this.#body.fault.text, true);",
    put: "return refusal(this.#body.fault.status, this.#body.fault.text, false);",
  },
  {
    name: "an unknown expectation is met",
    file: `${influx}session.ts`,
    find: 'if (head.expectation === "other") {',
    put: 'if (head.expectation === "never") {',
  },
  {
    name: "a reply to HEAD has a body",
    file: `${influx}link.ts`,
    find: 'expect === expects.head ? "HEAD" : "other"',
    put: '"other"',
  },
  {
    name: "a head is the whole reply",
    file: `${influx}link.ts`,
    find: 'this.event = reader.complete && !interim ? "reply" : "piece";',
    put: 'this.event = reader.event === "head" || (reader.complete && !interim) ? "reply" : "piece";',
  },
  {
    name: "a request without a body takes what is behind it",
    file: `${influx}session.ts`,
    find: "    if (!head.hasBody) this.end = bodyFrom;\n",
    put: "",
  },
];
