/** Where generators get their keys and values from: all of it follows from one seed. */
import { Random } from "@echarde/testkit";
import { clusterOf } from "./slots.ts";

/** A key; tells the generators' keys from their other arguments. */
export class Key {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** An argument as generators give it. */
export type Arg = Key | Buffer | string | number;

/** Kinds of values; each has keys of its own, so that most commands meet the type they want. */
export type Kind = "s" | "i" | "f" | "h" | "l" | "t" | "z" | "x" | "g" | "b" | "p" | "big" | "lex";

const kinds: readonly Kind[] = ["s", "i", "f", "h", "l", "t", "z", "x", "g", "b", "p", "lex"];

/** See the module. */
export class Source extends Random {
  /** Behind each key: connections that send at the same time have keys of their own. */
  space = "";
  /** What DUMP says of a list. */
  readonly payload: Buffer;
  /** The next stream ID that is above all others. */
  #stream = 100;

  constructor(seed: number, payload: Buffer) {
    super(seed);
    this.payload = payload;
  }

  /** Keys of a kind. */
  pool(kind: Kind): Buffer[] {
    const names = [
      ...[`${kind}1`, `${kind}2`, `{a}${kind}1`, `{b}${kind}1`],
      ...[`{a}${kind}2`, `${kind}\0\r\n\xff`, `{}{a}${kind}`, `${kind}{{b}x}`],
    ];
    // few for what must be found again (a group of a stream), and where each client has its own
    if (kind === "x" || this.space !== "") names.length = 4;
    return names.map((name) => Buffer.from(name + this.space, "latin1"));
  }

  /** A key that holds this kind, if anything. */
  own(kind: Kind): Key {
    return new Key(this.pick(this.pool(kind)));
  }

  /** A key of this kind, now and then of another. */
  key(kind: Kind): Key {
    return this.own(this.chance(0.04) ? this.pick(kinds) : kind);
  }

  /** Several keys, mostly all of one cluster. `apart` = how often not. */
  keys(list: readonly Kind[], apart = 0.08): Key[] {
    const free = this.chance(apart);
    const first = this.own(list[0] as Kind);
    const cluster = clusterOf(first.bytes);
    const near = (kind: Kind): Key => {
      const there = this.pool(kind).filter((key) => free || clusterOf(key) === cluster);
      return new Key(this.pick(there.length > 0 ? there : this.pool(kind)));
    };
    return list.map((kind, i) => (i === 0 ? first : near(kind)));
  }

  /** Some keys of a kind, mostly of one cluster. */
  some(kind: Kind, most = 3, apart = 0.08): Key[] {
    return this.keys(new Array<Kind>(1 + this.below(most)).fill(kind), apart);
  }

  /** Keys over all clusters, with repeats. */
  spread(list: readonly Kind[], most = 8): Key[] {
    return Array.from({ length: 1 + this.below(most) }, () => this.own(this.pick(list)));
  }

  /** A value. */
  value(): Buffer | string {
    const dice = this.below(20);
    if (dice < 12) return `v${this.below(50)}`;
    if (dice < 14) return "";
    if (dice < 16) return Buffer.from([0, 13, 10, 255, this.below(256), 36]);
    if (dice < 18) return String(this.below(1000));
    return Buffer.alloc(1 + this.below(600), `payload ${this.below(10)}`);
  }

  /** A value of up to 200 KiB. */
  large(): Buffer {
    const size = this.chance(0.3) ? 65_536 + this.below(8) - 4 : this.below(200 << 10);
    return Buffer.alloc(size, `large ${this.below(100)}\r\n$`);
  }

  /** A small integer. */
  int(): number {
    return this.below(40) - 10;
  }

  /** Member of a set. */
  member(): string {
    return this.chance(0.5) ? `m${this.below(12)}` : String(this.below(12));
  }

  /** Field of a hash. */
  field(): string {
    return `f${this.below(10)}`;
  }

  /** Score of a member. */
  score(): string {
    return this.pick(["0", "1", "2", "2.5", "-3", "1e3", "inf", "-inf", "7", "10", "0.1"]);
  }

  /** `few(f)`: one to `most` of f(). */
  few<T>(f: () => T, most = 4): T[] {
    return Array.from({ length: 1 + this.below(most) }, f);
  }

  /** These arguments, or none. */
  maybe(...args: readonly Arg[]): readonly Arg[] {
    return this.chance(0.4) ? args : [];
  }

  /** A new stream ID, above those before. */
  nextId(): string {
    this.#stream += 1 + this.below(2);
    return `${this.#stream}-${this.below(3)}`;
  }

  /** An ID that may be in a stream. */
  someId(): string {
    return this.pick([
      `${100 + this.below(Math.max(1, this.#stream - 100))}-${this.below(3)}`,
      "0-0",
      "100",
    ]);
  }

  /** A time far ahead, seconds. */
  far(): number {
    return 4_000_000_000 + this.below(1000);
  }
}
