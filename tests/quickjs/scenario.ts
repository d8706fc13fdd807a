/**
 * A router over upstreams that answer by rule, all of it decided by a seed:
 * the same chunks must have the same effects in every engine. Runs in QuickJS,
 * so it uses nothing but the language.
 */
import { redis } from "@echarde/codec-redis";
import { createRouter, type Effects, type Peer } from "@echarde/core";
import { Random } from "@echarde/testkit";

/** Bytes of a client; `hex` may be long. */
export interface Input {
  /** Index of the client. */
  readonly client: number;
  /** Its bytes. */
  readonly hex: string;
}

/** What happened, one line for each effect. */
export function playScenario(inputs: readonly Input[], seed: number, reusesInput: boolean): string {
  const world = new World(seed, reusesInput);
  for (const { client, hex } of inputs) world.client(client, fromHex(hex));
  return world.end();
}

class World {
  readonly #random: Random;
  readonly #log: string[] = [];
  readonly #clients: (Peer | null)[] = [];
  readonly #upstreams = new Map<Peer, Upstream>();
  readonly #reuses: boolean;
  readonly #router: ReturnType<typeof createRouter>;
  #now = 1_000_000;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(seed: number, reusesInput: boolean) {
    this.#random = new Random(seed);
    this.#reuses = reusesInput;
    this.#router = createRouter({
      codec: redis(),
      reusesInput,
      table: {
        clusters: {
          one: { endpoints: ["one:1"] },
          two: { endpoints: ["two:1"] },
          three: { endpoints: ["three:1"] },
        },
        localCluster: "one",
        routes: [{ hash: "crc16-slots", over: { one: 1, two: 1, three: 1 } }],
      },
    });
  }

  /** A client sends; now and then upstreams answer. */
  client(index: number, bytes: Uint8Array): void {
    const open = this.#clients[index];
    const peer = open ?? this.#router.open(this.#now);
    this.#clients[index] = peer;
    for (const piece of this.#cut(bytes)) {
      if (this.#clients[index] === null) return;
      this.#input(`client ${index}`, (now) => this.#router.bytes(peer, piece, now), piece);
      if (this.#random.chance(0.6)) this.#answer(this.#random.below(4));
    }
  }

  /** All is answered, the clients go. */
  end(): string {
    this.#answer(Number.POSITIVE_INFINITY);
    for (const peer of this.#clients) {
      if (peer) this.#input("half-closed", (now) => this.#router.halfClosed(peer, now), null);
    }
    this.#answer(Number.POSITIVE_INFINITY);
    return this.#log.join("\n");
  }

  /** At most `rounds` times, some upstream sends a piece of what it has. */
  #answer(rounds: number): void {
    for (let left = rounds; left > 0; left--) {
      const ready = [...this.#upstreams].filter(([, upstream]) => upstream.out.length > 0);
      if (ready.length === 0) return;
      const [peer, upstream] = this.#random.pick(ready);
      const size = 1 + this.#random.below(this.#random.pick([4, 100, 100_000]));
      const piece = upstream.out.slice(0, size);
      upstream.out = upstream.out.slice(size);
      this.#input(peer.key, (now) => this.#router.bytes(peer, piece, now), piece);
    }
  }

  #input(name: string, act: (now: number) => Effects, memory: Uint8Array | null): void {
    this.#now += this.#random.below(3);
    this.#log.push(`> ${name}${memory === null ? "" : ` ${memory.length}`}`);
    this.#carryOut(act(this.#now));
    if (this.#reuses) memory?.fill(0xee);
    while (this.#deadline <= this.#now) {
      this.#deadline = Number.POSITIVE_INFINITY;
      this.#log.push("> tick");
      this.#carryOut(this.#router.tick(this.#now));
    }
  }

  #carryOut(effects: Effects): void {
    if (effects.deadline < this.#deadline) this.#deadline = effects.deadline;
    const opened: Peer[] = [];
    for (const { peer, open, write, read, end } of effects) {
      const upstream = this.#upstreams.get(peer) ?? new Upstream();
      if (open !== null) {
        this.#upstreams.set(peer, upstream);
        opened.push(peer);
      }
      const bytes = write.map(toHex).join("");
      this.#log.push(`${peer.key} ${open?.endpoint ?? ""} ${short(bytes)} ${read} ${end}`);
      if (peer.kind === "link") for (const chunk of write) upstream.take(chunk);
      if (end === null) continue;
      this.#upstreams.delete(peer);
      const index = this.#clients.indexOf(peer);
      if (index >= 0) this.#clients[index] = null;
    }
    for (const peer of opened) {
      this.#log.push(`> opened ${peer.key}`);
      this.#carryOut(this.#router.opened(peer, this.#now));
    }
  }

  #cut(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < bytes.length; ) {
      const size = 1 + this.#random.below(this.#random.pick([30, 400, 50_000]));
      pieces.push(bytes.slice(from, from + size));
      from += size;
    }
    return pieces;
  }
}

/** Answers each request by rule; keeps nothing but what a session needs. */
class Upstream {
  /** Bytes to send. */
  out: Uint8Array = new Uint8Array(0);
  #in: Uint8Array = new Uint8Array(0);
  #queued = -1;
  #protocol = 2;

  take(chunk: Uint8Array): void {
    this.#in = concat(this.#in, chunk);
    for (;;) {
      const request = firstRequest(this.#in);
      if (request === null) return;
      this.#in = this.#in.slice(request.end);
      this.out = concat(this.out, ascii(this.#reply(request.words, request.count)));
    }
  }

  #reply(words: readonly string[], count: number): string {
    const name = (words[0] ?? "").toUpperCase();
    if (name === "HELLO") {
      this.#protocol = words[1] === "3" ? 3 : this.#protocol;
      const fields = "$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.9\r\n";
      return `${this.#protocol === 3 ? "%2" : "*4"}\r\n${fields}`;
    }
    if (name === "MULTI") {
      this.#queued = 0;
      return "+OK\r\n";
    }
    if (name === "EXEC" || name === "DISCARD") {
      const queued = this.#queued;
      this.#queued = -1;
      return name === "EXEC" ? `*${queued}\r\n${":7\r\n".repeat(queued)}` : "+OK\r\n";
    }
    if (this.#queued >= 0) {
      this.#queued += 1;
      return "+QUEUED\r\n";
    }
    switch (name) {
      case "MGET":
        return `*${count - 1}\r\n${words.slice(1).map(replyTo).join("")}`;
      case "MSET":
      case "SELECT":
      case "WATCH":
      case "UNWATCH":
      case "FLUSHALL":
      case "FLUSHDB":
        return "+OK\r\n";
      case "DEL":
      case "UNLINK":
      case "EXISTS":
      case "TOUCH":
      case "DBSIZE":
        return `:${count}\r\n`;
      case "KEYS":
        return "*2\r\n$1\r\na\r\n$2\r\nbb\r\n";
      case "SCAN":
        return `*2\r\n$1\r\n${words[1] === "0" ? "5" : "0"}\r\n*1\r\n$1\r\nk\r\n`;
      case "SCRIPT":
      case "PUBSUB":
        return `*${count - 2}\r\n${":1\r\n".repeat(Math.max(0, count - 2))}`;
      case "INFO":
        return bulk("# Server\r\nredis_version:7.0.9\r\nused_memory:5\r\n");
      default:
        return replyTo(words.join(" "));
    }
  }
}

function bulk(value: string): string {
  return `$${value.length}\r\n${value}\r\n`;
}

/** A reply that follows from a text. */
function replyTo(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  const long = "x".repeat(hash % 5000);
  return ["+OK\r\n", `:${hash}\r\n`, "$-1\r\n", "-ERR no\r\n", bulk(long), "*2\r\n:1\r\n*0\r\n"][
    hash % 6
  ] as string;
}

/** Words of the first whole request (long ones cut), their number, and where it ends. */
function firstRequest(bytes: Uint8Array): { words: string[]; count: number; end: number } | null {
  const line = (from: number): number => bytes.indexOf(10, from);
  const header = line(0);
  if (header < 0) return null;
  const count = Number(text(bytes, 1, header - 1));
  const words: string[] = [];
  let at = header + 1;
  for (let left = count; left > 0; left--) {
    const end = line(at);
    if (end < 0) return null;
    const length = Number(text(bytes, at + 1, end - 1));
    if (end + 3 + length > bytes.length) return null;
    words.push(text(bytes, end + 1, end + 1 + Math.min(length, 40)));
    at = end + 3 + length;
  }
  return { words, count, end: at };
}

function text(bytes: Uint8Array, from: number, to: number): string {
  let out = "";
  for (let i = from; i < to; i++) out += String.fromCharCode(bytes[i] as number);
  return out;
}

function ascii(value: string): Uint8Array {
  return Uint8Array.from(value, (char) => char.charCodeAt(0));
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

const digits = "0123456789abcdef";

function toHex(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += (digits[byte >> 4] as string) + (digits[byte & 15] as string);
  return out;
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = digits.indexOf(hex[2 * i] as string) * 16 + digits.indexOf(hex[2 * i + 1] as string);
  }
  return bytes;
}

/** Long packets by length and a checksum of all of it. */
function short(hex: string): string {
  if (hex.length <= 400) return hex;
  let hash = 0x811c9dc5;
  for (let i = 0; i < hex.length; i++) hash = Math.imul(hash ^ hex.charCodeAt(i), 0x01000193) >>> 0;
  return `${hex.slice(0, 60)}… ${hex.length / 2} bytes, checksum ${hash}`;
}
