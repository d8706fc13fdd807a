/**
 * A protocol for tests of the engine: a request is a line, its plan is what
 * the test says; a reply is a line, too (`!…` is a push, `?…` garbage, `…=`
 * the last however many were expected, `close` the last of the connection). Matched by id, lines begin with `id:`.
 */
import type { Codec, LinkCodec, ScanEvent, SessionCodec, SessionContext } from "../src/codec.ts";
import type { Effects } from "../src/effects.ts";
import type { Peer } from "../src/peer.ts";
import {
  type Failure,
  type Forward,
  type Fragment,
  type Local,
  noReaction,
  type Part,
  type Plan,
  type Reaction,
} from "../src/plan.ts";
import { createRouter, type Router, type RouterOptions } from "../src/router.ts";

export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (char) => char.charCodeAt(0));
export const textOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

const sending = { hold: false, silent: false, timeout: -1 };
const target = { cluster: 0, node: "", lane: "shared" } as const;

export const forward = (more: Partial<Forward> = {}): Forward => ({
  type: "forward",
  ...target,
  ...sending,
  frames: 1,
  expect: 0,
  id: -1,
  ...more,
});

export const part = (text: string, more: Partial<Part> = {}): Part => ({
  ...target,
  bytes: [bytesOf(text)],
  frames: 1,
  expect: 0,
  id: -1,
  ...more,
});

export const fragment = (
  parts: readonly Part[],
  coalesce: Fragment["coalesce"] = (replies) =>
    local(
      replies.map((reply) => reply.failure?.reason ?? reply.frames.map(textOf).join("")).join("|"),
    ),
  more: Partial<Fragment> = {},
): Fragment => ({
  type: "fragment",
  parts,
  coalesce,
  journal: null,
  carries: null,
  ...sending,
  ...more,
});

export const local = (text: string, more: Partial<Local> = {}): Local => ({
  type: "local",
  bytes: [bytesOf(text)],
  end: false,
  release: false,
  ...more,
});

/** What a test decides. */
export interface Script {
  readonly plan: (line: string, context: SessionContext) => Plan;
  readonly matching?: Codec["matching"];
  readonly ordering?: Codec["ordering"];
  readonly push?: (frame: string, cluster: string) => Reaction;
  readonly pinned?: (cluster: string) => boolean;
  readonly lost?: (cluster: string) => Reaction;
  readonly wake?: () => Reaction;
  readonly wakeAt?: () => number;
  readonly closing?: () => boolean;
  /** Bytes of body behind a request line. */
  readonly body?: (line: string) => number;
  readonly need?: number;
  readonly endsFrame?: boolean;
}

export function scripted(script: Script): Codec {
  return {
    name: "scripted",
    matching: script.matching ?? "order",
    ordering: script.ordering ?? "in-order",
    needs: ["fanOut"],
    hashTag: null,
    start: () => ({
      session: (context) => session(script, context),
      link: () => link(script),
    }),
  };
}

function session(script: Script, context: SessionContext): SessionCodec {
  let left = 0;
  const codec = {
    end: 0,
    more: false,
    need: script.need ?? 0,
    label: "",
    request(bytes: Uint8Array, from: number): Plan | null {
      const at = bytes.indexOf(10, from);
      if (at < 0) return null;
      codec.end = at + 1;
      codec.label = textOf(bytes.subarray(from, at));
      left = script.body?.(codec.label) ?? 0;
      codec.more = left > 0;
      return script.plan(codec.label, context);
    },
    keys: (bytes: Uint8Array) => [bytes.subarray(0, 1)],
    body(bytes: Uint8Array, from: number): number {
      const end = Math.min(bytes.length, from + left);
      left -= end - from;
      codec.more = left > 0;
      return end;
    },
    push: (frame: Uint8Array, cluster: string) =>
      script.push?.(textOf(frame), cluster) ?? {
        ...noReaction,
        emit: [{ to: null, bytes: [frame] }],
      },
    get wakeAt() {
      return script.wakeAt?.() ?? Number.POSITIVE_INFINITY;
    },
    wake: () => script.wake?.() ?? noReaction,
    failure: ({ reason, reply, sent }: Failure, plan: Forward | null) =>
      bytesOf(
        `<${reason}${sent ? " sent" : ""}${plan !== null && plan.id >= 0 ? ` ${plan.id}` : ""}${reply === null ? "" : ` ${textOf(reply).trim()}`}>`,
      ),
    pinned: (cluster: string) => script.pinned?.(cluster) ?? false,
    lost: (cluster: string) => script.lost?.(cluster) ?? noReaction,
    closed() {},
  };
  return codec;
}

function link(script: Script): LinkCodec {
  let within = "";
  const codec = {
    event: "need" as ScanEvent,
    id: -1,
    errors: 0,
    get closing() {
      return script.closing?.() ?? false;
    },
    scan(bytes: Uint8Array, from: number): number {
      const at = bytes.indexOf(10, from);
      const end = at < 0 ? bytes.length : at + 1;
      if (script.matching === "id" && within === "" && at < 0) {
        codec.event = "need";
        return from;
      }
      const line = within + textOf(bytes.subarray(from, end));
      within = at < 0 ? line : "";
      if (script.matching === "id") codec.id = Number.parseInt(line, 10);
      if (line.startsWith("-")) codec.errors += 1;
      const whole = at >= 0;
      if (line.startsWith("?")) codec.event = "garbage";
      else if (line.startsWith("!")) codec.event = whole ? "push" : "push-piece";
      else codec.event = !whole ? "piece" : line.endsWith("=\n") ? "last" : "reply";
      return end;
    },
    ended: () => script.endsFrame ?? false,
    replayed: (_slot: unknown, frame: Uint8Array) => (frame[0] === 45 ? frame : null),
    numberRequest: (chunk: Uint8Array, id: number) => [
      bytesOf(`${id}:`),
      chunk.subarray(chunk.indexOf(58) + 1),
    ],
    numberReply: (chunk: Uint8Array, id: number) => [
      bytesOf(`${id}:`),
      chunk.subarray(chunk.indexOf(58) + 1),
    ],
  };
  return codec;
}

export const table = {
  clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1", "b:2"] } },
  defaultCluster: "a",
  localCluster: "a",
};

/** A router whose peers are named by key, with what it did to them since last asked. */
export class Stage {
  readonly router: Router;
  now = 1_000;
  deadline = Number.POSITIVE_INFINITY;
  asks: Effects["asks"] = [];
  readonly #peers = new Map<string, Peer>();
  readonly #done: string[] = [];
  readonly #reuse: boolean;

  constructor(script: Script, options: Partial<RouterOptions> = {}) {
    this.router = createRouter({ codec: scripted(script), table, ...options });
    this.#reuse = options.reusesInput ?? false;
  }

  /** Connects a client. */
  client(): this {
    const peer = this.router.open(this.now);
    this.#peers.set(peer.key, peer);
    return this;
  }

  /** Bytes of a peer. */
  bytes(key: string, text: string): string {
    const chunk = bytesOf(text);
    const did = this.did(this.router.bytes(this.peer(key), chunk, this.now));
    if (this.#reuse) chunk.fill(35);
    return did;
  }

  opened(key: string): string {
    return this.did(this.router.opened(this.peer(key), this.now));
  }

  lost(key: string): string {
    return this.did(this.router.lost(this.peer(key), this.now));
  }

  ended(key: string): string {
    return this.did(this.router.halfClosed(this.peer(key), this.now));
  }

  full(key: string, waiting: number): string {
    return this.did(this.router.full(this.peer(key), waiting, this.now));
  }

  drained(key: string): string {
    return this.did(this.router.drained(this.peer(key), this.now));
  }

  answer(value: unknown): string {
    const [ask] = this.asks;
    if (ask === undefined) throw new Error("nothing was asked");
    return this.did(this.router.answer(ask, value, this.now));
  }

  swap(to: unknown): string {
    return this.did(this.router.swap(to, this.now));
  }

  /** Lets time pass, with each tick at its deadline. */
  wait(milliseconds: number): string {
    const until = this.now + milliseconds;
    const did: string[] = [];
    for (let ticks = 0; this.deadline <= until; ticks++) {
      if (ticks > 1_000 || (ticks > 3 && this.deadline <= this.now))
        throw new Error("ticks without end");
      this.now = Math.max(this.now, this.deadline);
      did.push(this.did(this.router.tick(this.now)));
    }
    this.now = until;
    return did.filter((each) => each !== "").join("; ");
  }

  peer(key: string): Peer {
    const peer = this.#peers.get(key);
    if (peer === undefined) throw new Error(`no peer ${key}`);
    return peer;
  }

  /** Effects in words: `a open a:1; client 1 "text" read end:flush`. */
  did(effects: Effects): string {
    this.deadline = effects.deadline;
    if (effects.asks.length > 0) this.asks = effects.asks;
    const words: string[] = [];
    for (const { peer, open, write, read, end } of effects) {
      this.#peers.set(peer.key, peer);
      const doing = [
        open === null ? "" : ` open ${open.endpoint}`,
        write.length === 0 ? "" : ` ${JSON.stringify(write.map(textOf).join(""))}`,
        read === null ? "" : read ? " read" : " pause",
        end === null ? "" : ` ${end}`,
      ];
      words.push(peer.key + doing.join(""));
    }
    this.#done.push(...words);
    return words.join("; ");
  }
}
