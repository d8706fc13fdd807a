/**
 * The response of one broker to a Fetch, let through as it comes: records are neither gathered nor copied
 * here. What clients must not see is changed in its place: sessions, and which broker leads or reads. Which
 * partitions it answers is the broker's word: one that was asked for is in it, as no session is open.
 */
import type { Failure, StreamMerge } from "@echarde/core";
import { Malformed } from "../wire/reader.ts";
import { type Grammar, Walk } from "../wire/walk.ts";

/** What is known of the request, and what is done about the response. */
export interface FetchStreamOwner {
  /** Version of request and response. */
  readonly version: number;
  /** The client's number for the request. */
  readonly correlationId: number;
  /** A partition of the topic (UTF-8) is answered with an error. */
  wrong(topic: Uint8Array, code: number): void;
  /** What is answered in place of a response that failed (null = that is none). */
  instead(failure: Failure | null): readonly Uint8Array[];
}

/** See the module. */
export class FetchStream implements StreamMerge {
  broken = false;
  readonly held: number = 0;
  readonly #owner: FetchStreamOwner;
  readonly #walk: Walk;
  #begun = false;
  /** It was no response and something else was answered: the rest of it is swallowed. */
  #given = false;

  constructor(owner: FetchStreamOwner) {
    this.#owner = owner;
    this.#walk = new Walk((walk) => response(walk, owner));
  }

  piece(_part: number, bytes: Uint8Array, end: boolean): readonly Uint8Array[] {
    if (this.#given || this.broken) return [];
    try {
      const chunks = this.#walk.feed(bytes);
      if (end && !this.#walk.done) throw new Malformed("too few bytes");
      this.#begun = true;
      return chunks;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return this.#fail(null, this.#begun);
    }
  }

  failed(_part: number, failure: Failure, cut: boolean): readonly Uint8Array[] {
    return this.#given ? [] : this.#fail(failure, cut);
  }

  #fail(failure: Failure | null, cut: boolean): readonly Uint8Array[] {
    this.#given = true;
    const bytes = this.#owner.instead(failure);
    this.broken = cut;
    return cut ? [] : bytes;
  }
}

function* response(walk: Walk, { version, correlationId, wrong }: FetchStreamOwner): Grammar {
  const flexible = version >= 12;
  yield walk.pass(4);
  yield walk.put(correlationId);
  if (flexible) yield* tags(walk, false);
  if (version >= 1) yield walk.pass(4); // throttled for
  if (version >= 7) {
    yield walk.pass(2); // error code
    yield walk.put(0); // no session
  }
  for (let topics = yield* count(walk, flexible); topics > 0; topics--) {
    const length = flexible ? yield* walk.compact() : yield walk.see(2);
    if (length > longestTopic) throw new Malformed("a name that is too long");
    yield walk.take(length);
    const topic = walk.taken;
    for (let left = yield* count(walk, flexible); left > 0; left--) {
      yield walk.pass(4); // index
      const code = yield walk.see(2);
      if (code !== 0) wrong(topic, code);
      yield* partition(walk, version);
    }
    if (flexible) yield* tags(walk, false);
  }
  if (flexible) yield* tags(walk, false);
}

/** Behind the error code. */
function* partition(walk: Walk, version: number): Grammar {
  const flexible = version >= 12;
  yield walk.pass(8 + (version >= 4 ? 8 : 0) + (version >= 5 ? 8 : 0)); // offsets
  if (version >= 4) {
    for (let aborted = yield* count(walk, flexible); aborted > 0; aborted--) {
      yield walk.pass(16);
      if (flexible) yield* tags(walk, false);
    }
  }
  if (version >= 11) yield walk.put(-1); // preferred replica
  const records = yield* count(walk, flexible);
  if (records > 0) yield walk.pass(records);
  if (flexible) yield* tags(walk, true);
}

function* count(walk: Walk, flexible: boolean): Generator<void, number, number> {
  return flexible ? yield* walk.compact() : yield walk.see(4);
}

/** Tagged fields; `result` = of a partition, which says who leads it. */
function* tags(walk: Walk, result: boolean): Grammar {
  for (let left = yield* walk.uvarint(); left > 0; left--) {
    const tag = yield* walk.uvarint();
    const size = yield* walk.uvarint();
    const leads = result && tag === currentLeader;
    if (leads && size < 4) throw new Malformed("a tagged field of another size");
    if (leads) yield walk.put(-1);
    yield walk.pass(leads ? size - 4 : size);
  }
}

const currentLeader = 1;
/** Brokers take names of 249 bytes. */
const longestTopic = 0x7fff;
