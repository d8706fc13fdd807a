import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1, textOf } from "../bytes/latin1.ts";
import { Journal } from "../journal.ts";
import { noReaction } from "../plan.ts";
import { BaseLink } from "./base-link.ts";
import { defineCodec } from "./define-codec.ts";
import { FramedLink } from "./framed-link.ts";
import * as make from "./make-plans.ts";

const sending = { hold: false, silent: false, timeout: -1 };
const packet = { node: "", lane: "shared", frames: 1, expect: 0, id: -1 };

describe("makers of plans", () => {
  test("fill in the usual", () => {
    assert.deepEqual(make.forward(2), {
      ...{ type: "forward", cluster: 2, ...packet, ...sending },
      instead: null,
    });
    assert.deepEqual(make.part(1, "a"), { cluster: 1, bytes: [latin1("a")], ...packet });
    const coalesce = () => make.skip;
    assert.deepEqual(make.fragment([], coalesce), {
      ...{ type: "fragment", parts: [], coalesce, journal: null, carries: null },
      ...sending,
    });
    const merge = { piece: () => [], failed: () => [], broken: false, held: 0 };
    assert.deepEqual(make.stream([], merge), { type: "stream", parts: [], merge, ...sending });
    assert.deepEqual(make.local([]), { type: "local", bytes: [], end: false, release: false });
    assert.deepEqual(make.refuse("-x"), { type: "refuse", bytes: [latin1("-x")], end: false });
    assert.deepEqual(make.reaction({}), noReaction);
  });

  test("take what is other than usual, zero and false included", () => {
    const other = { node: "n", lane: "private", frames: 0, expect: 3, id: 0 } as const;
    const sent = { hold: true, silent: true, timeout: 0 };
    const instead = [Uint8Array.of(7)];
    assert.deepEqual(make.forward(0, { ...other, ...sent, instead }), {
      ...{ type: "forward", cluster: 0, instead },
      ...other,
      ...sent,
    });
    assert.deepEqual(make.part(0, [], other), { cluster: 0, bytes: [], ...other });
    const more = { ...sent, journal: Journal.empty, carries: Journal.empty };
    const { type, parts, coalesce, ...rest } = make.fragment([], () => make.skip, more);
    assert.deepEqual(rest, more);
    assert.deepEqual(make.local("", { end: true, release: true }).release, true);
    assert.deepEqual(make.refuse("", { end: true }).end, true);
    assert.deepEqual(make.later(9, () => make.skip, false).hold, false);
    assert.deepEqual(make.reaction({ end: true }), { ...noReaction, end: true });
    const bytes = Uint8Array.of(1);
    assert.equal(make.emission(null, bytes).bytes[0], bytes);
    assert.equal(make.ask("who", 1, () => make.skip).topic, "who");
  });
});

test("text stands for bytes one to one", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(latin1(textOf(all)), all);
  assert.equal(textOf(all, 65, 68), "ABC");
  assert.deepEqual(latin1("Ā"), Uint8Array.of(0));
});

test("a link leaves packets as they are", () => {
  class Link extends BaseLink {
    scan(bytes: Uint8Array): number {
      return bytes.length;
    }
  }
  const link = new Link();
  const bytes = Uint8Array.of(1);
  assert.equal(link.numberRequest(bytes, 1)[0], bytes);
  assert.equal(link.numberReply(bytes, 1)[0], bytes);
  assert.equal(link.ended(), false);
});

test("a codec in a few words is in order, and other where it says so", () => {
  const start = (): never => {
    throw new Error("not started");
  };
  const { matching, ordering, needs, hashTag } = defineCodec("x", start);
  assert.deepEqual([matching, ordering, hashTag], ["order", "in-order", null]);
  assert.deepEqual(needs, ["fanOut", "privateLinks", "timers"]);
  assert.equal(defineCodec("x", start, { matching: "id" }).matching, "id");
});

test("a link of frames that say their length keeps its place in any cut", () => {
  /** Length of the rest in one byte; P = a push, ! = garbage. */
  class Framed extends FramedLink {
    protected open(bytes: Uint8Array, from: number): number {
      if (bytes.length - from < 2) return 0;
      this.isPush = bytes[from] === 80;
      return bytes[from] === 33 ? -1 : 2 + (bytes[from + 1] as number);
    }
  }
  const bytes = latin1("A\x03abcP\x00P\x01xB\x00");
  for (let cut = 1; cut < bytes.length; cut++) {
    const link = new Framed();
    const events: string[] = [];
    let from = 0;
    for (const chunk of [bytes.subarray(0, cut), bytes]) {
      while (from < chunk.length) {
        from = link.scan(chunk, from, -1);
        if (link.event === "need") break;
        events.push(link.event);
      }
    }
    const whole = events.filter((event) => !event.endsWith("piece"));
    assert.deepEqual(whole, ["reply", "push", "push", "reply"], `cut at ${cut}`);
    assert.ok(events.length <= 5, "at most one more piece for the cut");
  }
  const link = new Framed();
  assert.equal(link.scan(latin1("!\x00"), 0, -1), 0);
  assert.equal(link.event, "garbage");
});
