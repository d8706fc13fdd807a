import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { latin1 } from "../bytes/latin1.ts";
import { type IncrementalParser, ParserFramer } from "./parser-framer.ts";

/** Messages of a count, a line end, and so many lines. */
class Counted implements IncrementalParser {
  #line = "";
  #left = 0;

  push(bytes: Uint8Array): number {
    let whole = 0;
    for (const byte of bytes) {
      if (byte !== 10) {
        this.#line += String.fromCharCode(byte);
        continue;
      }
      if (this.#left > 0) this.#left -= 1;
      else if (/^\d$/.test(this.#line)) this.#left = Number(this.#line);
      else throw new RangeError(this.#line);
      this.#line = "";
      if (this.#left === 0) whole += 1;
    }
    return whole;
  }
}

function framesOf(text: string, cuts: readonly number[]): string[] {
  const bytes = latin1(text);
  const framer = new ParserFramer(new Counted(), 10);
  const frames: string[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    for (;;) {
      const end = framer.end(bytes.subarray(0, to), from);
      if (end < 0) return [...frames, "bad"];
      if (end === 0) break;
      frames.push(text.slice(from, end));
      from = end;
    }
  }
  return frames;
}

describe("ParserFramer", () => {
  it("finds the ends of messages in any cut", () => {
    const message = fc
      .array(fc.stringMatching(/^[a-z]{0,5}$/), { maxLength: 9 })
      .map((lines) => `${lines.length}\n${lines.map((line) => `${line}\n`).join("")}`);
    const cut = fc.array(fc.nat(200)).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(message), cut, (messages, cuts) => {
        const text = messages.join("");
        const within = cuts.filter((at) => at < text.length);
        assert.deepEqual(framesOf(text, within), messages);
      }),
    );
  });

  it("stays bad once it is", () => {
    assert.deepEqual(framesOf("1\na\nx\n0\n", []), ["1\na\n", "bad"]);
    const framer = new ParserFramer(new Counted(), 10);
    assert.equal(framer.end(latin1("x\n"), 0), -1);
    assert.equal(framer.end(latin1("0\n"), 0), -1);
  });

  it("is bad when a message ends where it cannot", () => {
    const framer = new ParserFramer({ push: () => 2 }, 10);
    assert.equal(framer.end(latin1("ab"), 0), -1);
  });
});
