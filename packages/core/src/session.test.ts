import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  bytesOf,
  forward,
  fragment,
  local,
  part,
  type Script,
  Stage,
  textOf,
} from "../test/scripted.ts";
import type { SessionContext } from "./codec.ts";
import { Journal, type Slot } from "./journal.ts";
import {
  type Fragment,
  noReaction,
  type Plan,
  type Reaction,
  type StreamFragment,
} from "./plan.ts";

/** Plans by the first word of a line; a word that is not there is forwarded to cluster a. */
function plans(map: Record<string, (line: string) => Plan>, more: Partial<Script> = {}): Script {
  return { plan: (line) => map[line.split(" ")[0] as string]?.(line) ?? forward(), ...more };
}

const own = forward({ lane: "private" });
const toB = forward({ cluster: 1 });

function slot(name: string, packet: string, more: Partial<Slot> = {}): Slot {
  return {
    name,
    rank: 1,
    identity: true,
    initial: false,
    packets: null,
    packet: bytesOf(packet),
    ...more,
  };
}

describe("Session", () => {
  it("tells the codec the time of the input", () => {
    const stage = new Stage({ plan: (_, { now, id }) => local(`${id} at ${now}`) }).client();
    stage.now = 7_000;
    assert.equal(stage.bytes("client 1", "when\n"), 'client 1 "1 at 7000"');
  });
});

describe("Session: order of answers", () => {
  it("gives answers in the order of requests, whichever comes first", () => {
    const stage = new Stage(plans({ b: () => toB, me: () => local("me\n") })).client();
    assert.equal(stage.bytes("client 1", "a 1\nb 2\nme\n"), "a open a:1; b open b:1");
    assert.equal(stage.opened("a"), 'a "a 1\\n"');
    assert.equal(stage.opened("b"), 'b "b 2\\n"');
    assert.equal(stage.bytes("b", "two\n"), "");
    assert.equal(stage.router.heldBytes, 7);
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\ntwo\\nme\\n"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("passes the pieces of the answer whose turn it is, and collects all others", () => {
    const stage = new Stage(plans({ b: () => toB })).client();
    stage.bytes("client 1", "a\nb\n");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "tw"), "");
    assert.equal(stage.bytes("a", "on"), 'client 1 "on"');
    assert.equal(stage.bytes("a", "e\n"), 'client 1 "e\\ntw"');
    assert.equal(stage.bytes("b", "o\n"), 'client 1 "o\\n"');
  });

  it("gives answers as they are whole where the protocol has ids", () => {
    const stage = new Stage(plans({ b: () => toB }, { ordering: "as-ready" })).client();
    stage.bytes("client 1", "a\nb\n");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "tw"), "");
    assert.equal(stage.bytes("b", "o\n"), 'client 1 "two\\n"');
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"');
  });

  it("swallows the answer of a silent request, and its failure", () => {
    const stage = new Stage(plans({ quiet: () => forward({ silent: true }) })).client();
    stage.bytes("client 1", "quiet\na\n");
    assert.equal(stage.opened("a"), 'a "quiet\\na\\n"');
    assert.equal(stage.bytes("a", "ok\none\n"), 'client 1 "one\\n"');
    stage.bytes("client 1", "quiet\n");
    assert.equal(stage.lost("a"), "a abort");
  });

  it("puts a push between answers, never inside one", () => {
    const stage = new Stage(plans({ own: () => own })).client();
    stage.bytes("client 1", "own\na\nown\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "!early\n"), 'client 1 "!early\\n"');
    assert.equal(stage.bytes("a/private 1", "on"), 'client 1 "on"');
    assert.equal(stage.bytes("a/private 1", "e\n!late\ntw"), 'client 1 "e\\n!late\\ntw"');
  });

  it("keeps a push of one link out of the answer that another link is giving", () => {
    const stage = new Stage(plans({ own: () => own, b: () => toB })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "one\n");
    stage.bytes("client 1", "b\n");
    stage.opened("b");
    assert.equal(stage.bytes("b", "tw"), 'client 1 "tw"');
    assert.equal(stage.bytes("a/private 1", "!pu"), "");
    assert.equal(stage.bytes("a/private 1", "sh\n"), "");
    assert.equal(stage.router.heldBytes, 6);
    assert.equal(stage.bytes("b", "o\n"), 'client 1 "o\\n!push\\n"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("takes several frames for one request, and the last when the codec says so", () => {
    const stage = new Stage(plans({ three: () => forward({ frames: 3 }) })).client();
    stage.bytes("client 1", "three\nthree\na\n");
    stage.opened("a");
    stage.bytes("a", "1\n2\n3\n1\nend=\n");
    assert.equal(stage.router.upstreams[0]?.inFlight, 1);
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"');
  });
});

describe("Session: lanes", () => {
  it("waits for the shared lane to be empty before it uses a link of its own", () => {
    const stage = new Stage(plans({ own: () => own })).client();
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    assert.equal(stage.bytes("client 1", "own\n"), "");
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"; a/private 1 open a:1');
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own\\n"');
  });

  it("stays on its own link while anything is under way there, then goes back", () => {
    const stage = new Stage(plans({ own: () => own })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("client 1", "a\n"), 'a/private 1 "a\\n"');
    stage.bytes("a/private 1", "1\n2\n");
    assert.equal(stage.bytes("client 1", "a\n"), "a open a:1");
  });

  it("stays on its own link while that is pinned, and keeps it open", () => {
    const stage = new Stage(plans({ own: () => own }, { pinned: () => true })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "1\n");
    assert.equal(stage.wait(300_000), "");
    assert.equal(stage.bytes("client 1", "a\n"), 'a/private 1 "a\\n"');
  });

  it("waits for another node of the cluster no more than for another cluster", () => {
    const stage = new Stage(plans({ n: (line) => forward({ node: line.slice(2) }) })).client();
    assert.equal(stage.bytes("client 1", "n x:1\nn y:1\n"), "a/x:1 open x:1; a/y:1 open y:1");
  });

  it("holds a further round until its lane is free, while others go on", () => {
    const first = fragment([part("one\n")], () => fragment([part("two\n", { lane: "private" })]));
    const stage = new Stage(plans({ first: () => first, b: () => toB })).client();
    stage.bytes("client 1", "first\na\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "1\n"), "");
    assert.equal(stage.bytes("client 1", "b\n"), "b open b:1");
    assert.equal(stage.bytes("a", "A\n"), "a/private 1 open a:1");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "2\n"), 'client 1 "2\\nA\\n"');
  });

  it("ends a wait for a lane whose server says nothing any more", () => {
    const stage = new Stage(plans({ own: () => own })).client();
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    assert.equal(stage.wait(5_000), 'client 1 "<timeout sent>"');
    assert.equal(stage.bytes("client 1", "own\n"), "");
    assert.equal(stage.wait(5_000), "a abort; a/private 1 open a:1");
  });

  it("tells the codec of a lost link of its own, and ends the client where it says so", () => {
    const script = plans(
      { own: () => own },
      {
        lost: (cluster) => ({
          emit: [{ to: null, bytes: [bytesOf(`gone ${cluster}`)] }],
          plans: [],
          end: true,
        }),
      },
    );
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(
      stage.lost("a/private 1"),
      'a/private 1 abort; client 1 "<lost sent>gone a" flush',
    );
  });

  it("reads no further between the failures on a link of its own and the codec's hearing of it", () => {
    const heard: string[] = [];
    const note = (line: string): Plan => {
      heard.push(line);
      return line === "hold" ? { ...own, hold: true } : own;
    };
    const script = plans(
      { hold: note, next: note },
      {
        lost: (cluster) => {
          heard.push(`lost ${cluster}`);
          return { emit: [], plans: [], end: false };
        },
      },
    );
    const stage = new Stage(script).client();
    stage.bytes("client 1", "hold\nnext\n");
    stage.opened("a/private 1");
    assert.equal(
      stage.lost("a/private 1"),
      'a/private 1 abort; client 1 "<lost sent>"; a/private 1 open a:1',
    );
    assert.deepEqual(heard, ["hold", "lost a", "next"]);
  });

  it("fails what waits for a link of its own that goes with the codec's state", () => {
    const lane = { lane: "private" } as const;
    const two = fragment([part("two\n", lane)]);
    const script = (pinned: boolean) =>
      plans({ one: () => fragment([part("one\n", lane)], () => two) }, { pinned: () => pinned });
    const stage = new Stage(script(true)).client();
    stage.bytes("client 1", "one\n");
    stage.opened("a/private 1");
    assert.equal(stage.lost("a/private 1"), 'a/private 1 abort; client 1 "lost"');
    const other = new Stage(script(false)).client();
    other.bytes("client 1", "one\n");
    other.opened("a/private 1");
    assert.equal(other.lost("a/private 1"), "a/private 1 abort; a/private 1 open a:1");
  });

  it("fails a request that waits for a link of its own that goes with the codec's state", () => {
    let pinned = false;
    const script = plans({ own: () => own }, { pinned: () => pinned });
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "1\n");
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    assert.equal(stage.bytes("client 1", "own\n"), "");
    pinned = true;
    assert.equal(stage.lost("a/private 1"), "a/private 1 abort");
    assert.equal(stage.bytes("a", "2\n"), 'client 1 "2\\n<lost>"');
  });

  it("sends packets of the codec's own to links", () => {
    const push = (frame: string) => ({
      emit: [
        { to: { cluster: 1, node: "", lane: "shared" as const }, bytes: [bytesOf(`ack ${frame}`)] },
      ],
      plans: [],
      end: false,
    });
    const stage = new Stage(plans({ own: () => own }, { push })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "!1\n"), "b open b:1");
    assert.equal(stage.opened("b"), 'b "ack !1\\n"');
  });
});

describe("Session: hold, ask, skip, end", () => {
  it("runs nothing behind a request that holds until it is answered", () => {
    const stage = new Stage(plans({ hold: () => forward({ hold: true }) })).client();
    assert.equal(stage.bytes("client 1", "hold\na\n"), "a open a:1");
    assert.equal(stage.opened("a"), 'a "hold\\n"');
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n"; a "a\\n"');
  });

  it("skips without an answer", () => {
    const stage = new Stage(
      plans({ skip: () => ({ type: "skip" }), me: () => local("me") }),
    ).client();
    assert.equal(stage.bytes("client 1", "skip\nme\n"), 'client 1 "me"');
  });

  it("closes after the last answer before an end, and runs nothing behind it", () => {
    const stage = new Stage(plans({ quit: () => local("bye", { end: true }) })).client();
    stage.bytes("client 1", "a\nquit\na\n");
    assert.equal(stage.opened("a"), 'a "a\\n"');
    assert.equal(stage.bytes("client 1", "a\n"), "");
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\nbye" flush');
    assert.equal(stage.router.sessions, 0);
  });

  it("closes an as-ready client after all answers before the end, the end last", () => {
    const bad: Plan = { type: "refuse", bytes: [bytesOf("bad")], end: true };
    const stage = new Stage(
      plans({ bad: () => bad, b: () => toB }, { ordering: "as-ready" }),
    ).client();
    assert.equal(stage.bytes("client 1", "a\nb\nbad\n"), "a open a:1; b open b:1");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "2\n"), 'client 1 "2\\n"');
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\nbad" flush');
  });

  it("sends one-way packets of a client that has ended, once their link stands", () => {
    const script = plans({
      one: () => forward({ frames: 0, lane: "private" }),
      quit: () => local("", { end: true }),
    });
    const stage = new Stage(script).client();
    assert.equal(stage.bytes("client 1", "one\nquit\n"), "a/private 1 open a:1; client 1 flush");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "one\\n" flush');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("asks the host and goes on with what it says", () => {
    const stage = new Stage(
      plans({
        ask: () => ({
          type: "ask",
          topic: "who",
          value: 7,
          answered: (value) => local(`I am ${value}`),
        }),
      }),
    ).client();
    assert.equal(stage.bytes("client 1", "ask\na\n"), "");
    assert.equal(stage.asks[0]?.topic, "who");
    assert.equal(stage.asks[0]?.value, 7);
    assert.equal(stage.answer("me"), 'client 1 "I am me"; a open a:1');
  });

  it("takes an answer for a client that has left, and one that comes twice", () => {
    const stage = new Stage(
      plans({ ask: () => ({ type: "ask", topic: "who", value: 7, answered: () => local("x") }) }),
    ).client();
    stage.bytes("client 1", "ask\n");
    const [ask] = stage.asks;
    stage.lost("client 1");
    assert.ok(ask);
    assert.equal(stage.did(stage.router.answer(ask, 1, stage.now)), "");
    assert.equal(stage.did(stage.router.answer(ask, 1, stage.now)), "");
  });

  it("ends a half-closed client when all is answered", () => {
    const stage = new Stage(plans({})).client();
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    assert.equal(stage.ended("client 1"), "");
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n" flush');
  });

  it("gives up a wait for an event when the client half-closes, not a request", () => {
    const wait = forward({ lane: "private", hold: true, timeout: 0 });
    const stage = new Stage(plans({ wait: () => wait })).client();
    stage.bytes("client 1", "wait\n");
    stage.opened("a/private 1");
    assert.equal(stage.ended("client 1"), "a/private 1 flush; client 1 abort");
    const parts = fragment([part("x\n")], undefined, { hold: true, timeout: 0 });
    const split = new Stage(plans({ wait: () => parts })).client();
    split.bytes("client 1", "wait\n");
    split.opened("a");
    assert.equal(split.ended("client 1"), "client 1 abort");
  });
});

describe("Session: bodies", () => {
  const body = (line: string): number => (line.startsWith("put") ? 5 : 0);

  it("streams a body to the link of its request", () => {
    const stage = new Stage(plans({ put: () => own }, { body })).client();
    assert.equal(stage.bytes("client 1", "put\nhe"), "a/private 1 open a:1");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "put\\nhe"');
    assert.equal(stage.bytes("client 1", "lloput\n12345a\n"), 'a/private 1 "lloput\\n12345a\\n"');
  });

  it("streams the body of a request that holds, and of one that gets no reply", () => {
    const put = (line: string): Plan =>
      forward({
        lane: "private",
        hold: line === "put hold",
        frames: line === "put one-way" ? 0 : 1,
      });
    const stage = new Stage(plans({ put }, { body })).client();
    stage.bytes("client 1", "put hold\nhel");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("client 1", "loput one-way\n12345"), 'a/private 1 "lo"');
    assert.equal(
      stage.bytes("a/private 1", "1\n"),
      'client 1 "1\\n"; a/private 1 "put one-way\\n12345"',
    );
  });

  it("holds a body until its request may go, and swallows that of a refused one", () => {
    const script = plans(
      { put: () => own, "put-no": () => ({ type: "refuse", bytes: [bytesOf("no")], end: false }) },
      { body },
    );
    const stage = new Stage(script).client();
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    stage.bytes("client 1", "put\nhello");
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n"; a/private 1 open a:1');
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "put\\nhello"');
    stage.bytes("a/private 1", "2\n");
    assert.equal(stage.bytes("client 1", "put-no\nhello"), 'client 1 "no"');
  });

  it("sends the rest of a body whose request has timed out: the next request must not be taken for it", () => {
    const stage = new Stage(plans({ put: () => own }, { body })).client();
    stage.bytes("client 1", "put\nhe");
    stage.opened("a/private 1");
    assert.equal(stage.wait(5_000), 'client 1 "<timeout sent>"');
    assert.equal(stage.bytes("client 1", "lloa\n"), 'a/private 1 "lloa\\n"');
  });

  it("gives a body that moves more time", () => {
    const stage = new Stage(plans({ put: () => own }, { body })).client();
    stage.bytes("client 1", "put\nh");
    stage.opened("a/private 1");
    stage.wait(4_000);
    stage.bytes("client 1", "e");
    assert.equal(stage.wait(4_000), "");
    assert.equal(stage.wait(1_000), 'client 1 "<timeout sent>"');
  });

  it("drops the body when its link is gone", () => {
    const stage = new Stage(plans({ put: () => own, me: () => local("me") }, { body })).client();
    stage.bytes("client 1", "put\nhe");
    stage.opened("a/private 1");
    assert.equal(stage.lost("a/private 1"), 'a/private 1 abort; client 1 "<lost sent>"');
    assert.equal(stage.bytes("client 1", "llome\n"), 'client 1 "me"');
  });

  it("calls a body on a shared link the codec's fault", () => {
    const stage = new Stage(plans({}, { body })).client();
    assert.throws(() => stage.bytes("client 1", "put\n"), { code: "bad-codec" });
  });
});

describe("Session: split requests", () => {
  const both = (): Plan => fragment([part("A\n"), part("B\n", { cluster: 1 })]);

  it("merges when every part has its reply", () => {
    const stage = new Stage(plans({ both })).client();
    assert.equal(stage.bytes("client 1", "both\n"), "a open a:1; b open b:1");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "tw"), "");
    assert.equal(stage.bytes("b", "o\n"), "");
    assert.equal(stage.router.heldBytes, 4);
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n|two\\n"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("gives the merge every frame of a part, in order", () => {
    const twice = fragment([part("A\n", { frames: 2 }), part("B\n", { cluster: 1 })]);
    const stage = new Stage(plans({ twice: () => twice })).client();
    stage.bytes("client 1", "twice\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("a", "1\n2");
    stage.bytes("b", "B\n");
    assert.equal(stage.bytes("a", "2\n"), 'client 1 "1\\n22\\n|B\\n"');
  });

  it("tells the merge of parts that failed, and gives back what they held", () => {
    const stage = new Stage(plans({ both })).client();
    stage.bytes("client 1", "both\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("b", "tw");
    assert.equal(stage.lost("b"), "b abort");
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n|lost"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("gives back what it holds when the client leaves, and swallows what still comes", () => {
    const stage = new Stage(plans({ both })).client();
    stage.bytes("client 1", "both\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("b", "two\n");
    assert.equal(stage.lost("client 1"), "");
    assert.equal(stage.router.heldBytes, 0);
    assert.equal(stage.bytes("a", "one\n"), "");
    assert.equal(
      stage.router.upstreams.every(({ inFlight }) => inFlight === 0),
      true,
    );
  });

  it("needs no reply for a one-way part", () => {
    const parts = [part("A\n", { frames: 0 }), part("B\n", { cluster: 1, frames: 0 })];
    const stage = new Stage(
      plans({ one: () => fragment(parts, () => ({ type: "skip" })), me: () => local("me") }),
    ).client();
    assert.equal(stage.bytes("client 1", "one\nme\n"), 'a open a:1; b open b:1; client 1 "me"');
  });

  it("fails all parts of one that cannot be reached", () => {
    const stage = new Stage(plans({ both, b: () => toB })).client();
    stage.bytes("client 1", "a\nb\n");
    stage.lost("a");
    stage.lost("b");
    assert.equal(stage.lost("b"), 'b abort; client 1 "<unreachable>"');
    assert.equal(stage.bytes("client 1", "both\n"), 'client 1 "unreachable|unreachable"');
  });

  it("calls a split without parts, and a plan that takes nothing, the codec's fault", () => {
    const stage = new Stage(plans({ none: () => fragment([]) })).client();
    assert.throws(() => stage.bytes("client 1", "none\n"), { code: "bad-codec" });
  });

  function streaming(log: string[] = []): StreamFragment {
    const merge = {
      broken: false,
      held: 0,
      piece: (at: number, bytes: Uint8Array, end: boolean) => {
        log.push(`${at}${end ? "." : ""}`);
        return [bytes];
      },
      failed: (_at: number, _failure: unknown, cut: boolean) => {
        merge.broken = cut;
        return [bytesOf(cut ? "<cut>" : "<fail>")];
      },
    };
    const parts = [part("A\n"), part("B\n", { cluster: 1, frames: 2 })];
    return { type: "stream", parts, merge, hold: false, silent: false, timeout: -1 };
  }

  it("streams a merge while replies arrive", () => {
    const log: string[] = [];
    const stage = new Stage(plans({ stream: () => streaming(log) })).client();
    stage.bytes("client 1", "stream\n");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "tw"), 'client 1 "tw"');
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"');
    assert.equal(stage.bytes("b", "o\nend\n"), 'client 1 "o\\nend\\n"');
    assert.deepEqual(log, ["1", "0.", "1", "1."]);
  });

  it("takes back what a stream has not sent yet when it fails", () => {
    const stage = new Stage(plans({ stream: () => streaming() })).client();
    stage.bytes("client 1", "a\nstream\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("b", "two\n");
    stage.lost("b");
    assert.equal(stage.bytes("a", "1\nA\n"), 'client 1 "1\\n<fail>A\\n"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("ends a client whose stream fails in the middle", () => {
    const stage = new Stage(plans({ stream: () => streaming() })).client();
    stage.bytes("client 1", "stream\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("b", "two\n");
    assert.equal(stage.lost("b"), 'b abort; client 1 "<cut>" flush');
  });

  it("ends a client whose stream turns out to be no answer", () => {
    const plan = streaming();
    const merge = { ...plan.merge, broken: false };
    merge.piece = (_at, bytes) => {
      merge.broken = bytes.length > 4;
      return merge.broken ? [] : [bytes];
    };
    const stage = new Stage(plans({ stream: () => ({ ...plan, merge }) })).client();
    stage.bytes("client 1", "stream\nme\n");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "two\n"), 'client 1 "two\\n"');
    assert.equal(stage.bytes("b", "three\n"), "client 1 flush");
    assert.equal(stage.bytes("a", "1\n"), "");
    assert.equal(stage.router.heldBytes, 0);
  });

  it("keeps rounds on the table that planned the request, and plans the next with the new one", () => {
    const stage = new Stage(
      plans({ two: () => fragment([part("A\n")], () => fragment([part("B\n", { cluster: 1 })])) }),
    ).client();
    stage.bytes("client 1", "two\n");
    stage.opened("a");
    stage.swap({
      clusters: { a: { endpoints: ["a:1"] }, aa: { endpoints: ["aa:1"] } },
      defaultCluster: "a",
    });
    assert.equal(stage.bytes("a", "1\n"), "b open b:1");
    stage.opened("b");
    stage.bytes("b", "2\n");
    assert.equal(stage.bytes("client 1", "two\n"), 'a "A\\n"');
    assert.equal(stage.bytes("a", "1\n"), "aa open aa:1");
  });
});

describe("Session: journal", () => {
  const use = (value: string, journal: Journal): Fragment =>
    fragment([part("ping\n")], undefined, {
      hold: true,
      journal: journal.with(slot("use", `use ${value}\n`)),
    });

  /** `use n` tries and commits; what is refused stays as it was. */
  const script: Script = {
    plan: (line, context) => {
      const [name, value = ""] = line.split(" ");
      if (name === "own") return own;
      if (name === "reset") {
        context.journal = Journal.empty;
        return local("reset", { release: true });
      }
      if (name !== "use") return forward();
      const plan = use(value, context.journal);
      if (plan.type !== "fragment" || plan.journal === null) return plan;
      const { journal } = plan;
      return {
        ...plan,
        coalesce: ([reply]) => {
          if (reply?.failure)
            return local(`no: ${textOf(reply.failure.reply ?? bytesOf(reply.failure.reason))}`);
          context.journal = journal;
          return local("ok");
        },
      };
    },
  };

  it("tries new settings on a link that has them, and uses that from then on", () => {
    const stage = new Stage(script).client();
    assert.equal(stage.bytes("client 1", "use 1\na\n"), "a open a:1");
    assert.equal(stage.opened("a"), 'a "use 1\\n"');
    assert.equal(stage.bytes("a", "+\n"), 'a "ping\\n"');
    assert.equal(stage.bytes("a", "pong\n"), 'client 1 "ok"; a "a\\n"');
  });

  it("keeps the old settings when a server refuses the new ones", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "use 9\na\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "-bad\n"), 'a abort; client 1 "no: -bad\\n"; a#2 open a:1');
    assert.equal(stage.opened("a#2"), 'a#2 "a\\n"');
  });

  it("shares no link between clients with other settings", () => {
    const stage = new Stage(script).client().client();
    stage.bytes("client 1", "use 1\n");
    stage.opened("a");
    stage.bytes("a", "+\npong\n");
    assert.equal(stage.bytes("client 2", "a\n"), "a#2 open a:1");
    stage.opened("a#2");
    assert.equal(stage.bytes("client 2", "use 1\n"), "");
    stage.bytes("a#2", "1\n");
    assert.equal(stage.bytes("a", "pong\n"), 'client 2 "ok"');
  });

  it("waits for earlier answers before it tries new settings", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "a\nuse 1\n");
    assert.equal(stage.opened("a"), 'a "a\\n"');
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n"; a#2 open a:1');
  });

  it("brings a link of its own up to new settings, also behind a request that has timed out", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.wait(5_000);
    stage.bytes("client 1", "use 1\n");
    stage.opened("a");
    stage.bytes("a", "+\npong\n");
    assert.equal(stage.bytes("client 1", "own\n"), 'a/private 1 "use 1\\n"');
    assert.equal(stage.bytes("a/private 1", "late\n+\n"), 'a/private 1 "own\\n"');
    assert.equal(stage.bytes("a/private 1", "1\n"), 'client 1 "1\\n"');
  });

  it("tells a link that is still replaying of settings changed since", () => {
    let journal = Journal.empty;
    const stage = new Stage({
      plan: (line, context) => {
        if (line.startsWith("set"))
          context.journal = journal = journal.with(slot("use", `${line}\n`));
        return line.startsWith("set") ? local("") : forward({ frames: 0, lane: "private" });
      },
    }).client();
    stage.bytes("client 1", "set 1\none\n");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "set 1\\n"');
    assert.equal(stage.bytes("client 1", "set 2\ntwo\n"), 'a/private 1 "set 2\\n"');
    assert.equal(stage.bytes("a/private 1", "+\n"), "");
    assert.equal(stage.bytes("a/private 1", "+\n"), 'a/private 1 "one\\ntwo\\n"');
  });

  it("tries settings in a further round, behind what came before", () => {
    const ask: Plan = {
      type: "ask",
      topic: "may I",
      value: null,
      answered: () => use("2", Journal.empty),
    };
    const stage = new Stage(plans({ ask: () => ask })).client();
    stage.bytes("client 1", "a\nask\n");
    assert.equal(stage.answer(true), "");
    stage.opened("a");
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n"; a#2 open a:1');
    stage.opened("a#2");
    assert.equal(stage.bytes("a#2", "+\npong\n"), 'a#2 "ping\\n"; client 1 "pong\\n"');
  });

  it("gives up its own links on release, when all before is answered", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\nreset\nown\n");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own\\n"');
    assert.equal(
      stage.bytes("a/private 1", "1\n"),
      'client 1 "1\\nreset"; a/private 1 flush; a/private 1 open a:1',
    );
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own\\n"');
    assert.equal(stage.bytes("a/private 1", "2\n"), 'client 1 "2\\n"');
  });

  it("reads the answers to a replay for a client that reads no more, and no further", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "1\n");
    stage.bytes("client 1", "use 1\n");
    stage.opened("a");
    assert.equal(stage.full("client 1", 9), "a/private 1 pause");
    stage.bytes("a", "+\npong\n");
    assert.equal(stage.bytes("client 1", "own\n"), 'a/private 1 "use 1\\n" read');
    assert.equal(stage.bytes("a/private 1", "+\n"), 'a/private 1 "own\\n" pause');
    assert.equal(stage.drained("client 1"), "a/private 1 read");
  });

  it("reads on when the client does, also while a link replays", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "1\n");
    stage.bytes("client 1", "use 1\n");
    stage.opened("a");
    stage.full("client 1", 9);
    stage.bytes("a", "+\npong\n");
    stage.bytes("client 1", "own\n");
    assert.equal(stage.drained("client 1"), "");
    assert.equal(stage.bytes("a/private 1", "+\n2\n"), 'a/private 1 "own\\n"; client 1 "2\\n"');
  });

  it("keeps to its own link after a release that cut off a late reply", () => {
    const stage = new Stage(script).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.wait(5_000);
    assert.equal(stage.bytes("client 1", "reset\n"), 'client 1 "reset"; a/private 1 flush');
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("client 1", "a\n"), 'a/private 1 "a\\n"');
  });

  it("releases in a further round, too", () => {
    const round = fragment([part("A\n")], () => local("done", { release: true }));
    const stage = new Stage(plans({ own: () => own, round: () => round })).client();
    stage.bytes("client 1", "own\nround\n");
    stage.opened("a/private 1");
    stage.bytes("client 1", "own\n");
    assert.equal(stage.bytes("a/private 1", "1\nA\n"), 'client 1 "1\\ndone"; a/private 1 flush');
  });
});

describe("Session: limits", () => {
  it("reads no further behind maxInFlight, and goes on with the first answer", () => {
    const stage = new Stage(plans({}), { limits: { maxInFlight: 1 } }).client();
    assert.equal(stage.bytes("client 1", "1\n2\n"), "a open a:1; client 1 pause");
    assert.equal(stage.opened("a"), 'a "1\\n"');
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"; a "2\\n"');
    assert.equal(stage.bytes("a", "two\n"), 'client 1 "two\\n" read');
  });

  it("refuses a request beyond maxRequest in its turn", () => {
    const stage = new Stage(plans({}), { limits: { maxRequest: 10 } }).client();
    assert.equal(stage.bytes("client 1", "a\n12345678901"), "a open a:1");
    stage.opened("a");
    assert.equal(stage.bytes("a", "1\n"), 'client 1 "1\\n<too-large>" flush');
    const need = new Stage(plans({}, { need: 1_000 }), { limits: { maxRequest: 10 } }).client();
    assert.equal(need.bytes("client 1", "1"), 'client 1 "<too-large>" flush');
  });

  it("calls the codec no more before what it needs is there", () => {
    let asked = 0;
    const stage = new Stage(plans({ "123": () => local(`${++asked}`) }, { need: 4 })).client();
    assert.equal(stage.bytes("client 1", "12"), "");
    assert.equal(stage.bytes("client 1", "3"), "");
    assert.equal(stage.bytes("client 1", "\n"), 'client 1 "1"');
  });

  it("reads no further while too much waits for the client, and gives up one that has stopped", () => {
    const stage = new Stage(plans({ me: () => local("0123456789") }), {
      limits: { maxOutput: 5, stallTimeout: 100 },
    }).client();
    assert.equal(stage.full("client 1", 3), "");
    assert.equal(stage.bytes("client 1", "me\nme\n"), 'client 1 "0123456789" pause');
    stage.now += 60;
    assert.equal(stage.full("client 1", 9), "");
    assert.equal(stage.wait(90), "");
    assert.equal(stage.wait(20), "client 1 abort");
  });

  it("lives with a client that is slow, and goes on when it has read", () => {
    const stage = new Stage(plans({ me: () => local("0123456789") }), {
      limits: { maxOutput: 15, stallTimeout: 100 },
    }).client();
    stage.full("client 1", 3);
    assert.equal(stage.bytes("client 1", "me\n"), 'client 1 "0123456789"');
    assert.equal(stage.wait(1_000), "");
    assert.equal(stage.bytes("client 1", "me\nme\n"), 'client 1 "0123456789" pause');
    assert.equal(stage.drained("client 1"), 'client 1 "0123456789" read');
  });

  it("pauses the links of its own of a client that reads no more, and their deadlines", () => {
    const stage = new Stage(plans({ own: () => own }), {
      limits: { stallTimeout: 100_000 },
    }).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.full("client 1", 10), "a/private 1 pause");
    assert.equal(stage.wait(9_000), "");
    assert.equal(stage.drained("client 1"), "a/private 1 read");
    assert.equal(stage.wait(5_000), 'client 1 "<timeout sent>"');
  });

  it("reads a link that takes requests no further while the client reads no more", () => {
    const stage = new Stage(plans({ own: () => own })).client();
    stage.full("client 1", 10);
    assert.equal(stage.bytes("client 1", "own\n"), "a/private 1 open a:1");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own\\n" pause');
  });

  it("reads ahead a bounded number of bytes while a request holds", () => {
    const stage = new Stage(plans({ hold: () => forward({ hold: true }) })).client();
    stage.bytes("client 1", "hold\n");
    stage.opened("a");
    assert.equal(stage.bytes("client 1", `${"x".repeat(256 << 10)}\n`), "client 1 pause");
    assert.equal(stage.router.heldBytes, (256 << 10) + 1);
    assert.match(stage.bytes("a", "1\n"), /^client 1 "1\\n" read; a "x+\\n"$/);
  });

  it("reads no further while a link takes no more", () => {
    const stage = new Stage(plans({})).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.full("a", 100);
    assert.equal(stage.bytes("client 1", "2\n3\n"), 'a "2\\n"; client 1 pause');
    assert.equal(stage.drained("a"), 'client 1 read; a "3\\n"');
  });

  it("reads on when the full link is lost, unless the client is", () => {
    const stage = new Stage(plans({})).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.full("a", 100);
    stage.bytes("client 1", "2\n");
    assert.equal(stage.lost("a"), 'a abort; client 1 "<lost sent><lost sent>" read');
    stage.bytes("client 1", "1\n");
    stage.opened("a#2");
    stage.full("a#2", 100);
    stage.bytes("client 1", "2\n");
    stage.lost("client 1");
    assert.equal(stage.drained("a#2"), "");
  });

  it("reads no further while much waits for a link to stand", () => {
    const stage = new Stage(plans({})).client();
    assert.equal(stage.bytes("client 1", `${"x".repeat(1 << 20)}\n`), "a open a:1; client 1 pause");
    assert.match(stage.opened("a"), /^a "x+\\n"; client 1 read$/);
  });

  it("ends a client whose answers fill the memory, and refuses requests that would", () => {
    const limits = { maxMemory: 50, maxOutput: 1_000 };
    const stage = new Stage(plans({ b: () => toB }), { limits }).client().client();
    stage.bytes("client 1", "a\nb\n");
    stage.opened("a");
    stage.opened("b");
    assert.equal(stage.bytes("b", "x".repeat(60)), "client 1 abort");
    assert.equal(stage.router.heldBytes, 0);
    assert.equal(stage.bytes("client 2", "x".repeat(60)), 'client 2 "<overloaded>" flush');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("drops a client for which more waits than the memory holds", () => {
    const stage = new Stage(plans({ me: () => local("x".repeat(60)) }), {
      limits: { maxMemory: 50 },
    }).client();
    stage.full("client 1", 10);
    assert.equal(stage.bytes("client 1", "me\n"), `client 1 "${"x".repeat(60)}" abort`);
  });

  it("drops it while an answer is still on its way", () => {
    const limits = { maxMemory: 50, maxOutput: 1_000 };
    const stage = new Stage(plans({}), { limits }).client();
    stage.bytes("client 1", "a\n");
    stage.opened("a");
    stage.full("client 1", 10);
    assert.equal(stage.bytes("a", "x".repeat(40)), `client 1 "${"x".repeat(40)}"`);
    assert.equal(stage.bytes("a", "x"), 'client 1 "x" abort');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("copies what outlives an input that the host overwrites", () => {
    const twice = (line: string): Plan =>
      fragment([part(`${line}\n`), part(`${line}\n`, { cluster: 1 })]);
    const stage = new Stage(
      plans({
        own: () => own,
        twice,
        b: () => toB,
        quick: () => ({ type: "local", bytes: [quick], end: false, release: false }),
      }),
      { reusesInput: true },
    ).client();
    const quick = bytesOf("echo\n");
    stage.bytes("client 1", "a\nb\nown 1\ntwi");
    assert.equal(stage.opened("a"), 'a "a\\n"');
    assert.equal(stage.opened("b"), 'b "b\\n"');
    stage.bytes("b", "two\n");
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\ntwo\\n"; a/private 1 open a:1');
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own 1\\n"');
    stage.bytes("client 1", "ce\nquick\n");
    stage.bytes("a/private 1", "1\nhal");
    stage.bytes("b", "B\n");
    assert.equal(stage.bytes("a/private 1", "f\n"), 'client 1 "half\\n|B\\necho\\n"');
  });

  it("copies a split request, and a release, that wait for their turn", () => {
    const split = (): Plan => fragment([part("A\n", { lane: "private" })]);
    const stage = new Stage(plans({ split, reset: () => local("reset", { release: true }) }), {
      reusesInput: true,
    }).client();
    stage.bytes("client 1", "a\nsplit\n");
    stage.opened("a");
    stage.bytes("a", "1\n");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "A\\n"');
    stage.bytes("client 1", "reset\n");
    assert.equal(stage.bytes("a/private 1", "2\n"), 'client 1 "2\\nreset"; a/private 1 flush');
  });
});

describe("Session: time and events of the codec's own", () => {
  it("goes on later, and holds what is behind it until then", () => {
    const later = (): Plan => ({
      type: "later",
      at: 1_500,
      hold: true,
      resume: () => local("now"),
    });
    const stage = new Stage(plans({ later })).client();
    assert.equal(stage.bytes("client 1", "later\na\n"), "");
    assert.equal(stage.wait(499), "");
    assert.equal(stage.wait(1), 'client 1 "now"; a open a:1');
    stage.bytes("client 1", "later\n");
    stage.lost("client 1");
    assert.equal(stage.wait(100), "");
  });

  it("tells the codec of a question that the host never answers", () => {
    const ask: Plan = {
      type: "ask",
      topic: "who",
      value: null,
      answered: (value) => local(`${value}`),
    };
    const stage = new Stage(plans({ ask: () => ask })).client();
    stage.bytes("client 1", "ask\n");
    assert.equal(stage.wait(5_000), 'client 1 "undefined"');
    assert.equal(stage.answer("late"), "");
  });

  it("wakes the codec at its time, and ends the client where it says so", () => {
    let wakeAt = 1_200;
    const wake = (): Reaction => {
      wakeAt = wakeAt === 1_200 ? 1_300 : Number.POSITIVE_INFINITY;
      return {
        ...noReaction,
        emit: [{ to: null, bytes: [bytesOf("tick")] }],
        end: wakeAt > 1_300,
      };
    };
    const stage = new Stage(
      plans({ me: () => local("me") }, { wakeAt: () => wakeAt, wake }),
    ).client();
    stage.bytes("client 1", "me\n");
    assert.equal(stage.wait(199), "");
    assert.equal(stage.wait(1), 'client 1 "tick"');
    assert.equal(stage.wait(100), 'client 1 "tick" flush');
  });

  it("wakes a session that another one has called", () => {
    const contexts: SessionContext[] = [];
    const stage = new Stage({
      plan: (line, context) => {
        contexts.push(context);
        if (line === "call") contexts[0]?.wake();
        return local("ok");
      },
      wake: () => ({ ...noReaction, emit: [{ to: null, bytes: [bytesOf("called")] }] }),
    })
      .client()
      .client();
    stage.bytes("client 1", "me\n");
    assert.equal(stage.bytes("client 2", "call\n"), 'client 2 "ok"; client 1 "called"');
    stage.lost("client 1");
    assert.equal(stage.bytes("client 2", "call\n"), 'client 2 "ok"');
  });

  it("runs plans of the codec's own outside the order of the client", () => {
    const push = (): Reaction => ({
      ...noReaction,
      plans: [fragment([part("mine\n", { cluster: 1 })])],
    });
    const stage = new Stage(plans({ own: () => own }, { push })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "!x\n"), "b open b:1");
    stage.opened("b");
    assert.equal(stage.bytes("a/private 1", "ha"), 'client 1 "ha"');
    assert.equal(stage.bytes("b", "answer\n"), "");
    assert.equal(stage.bytes("a/private 1", "lf\n"), 'client 1 "lf\\nanswer\\n"');
    assert.equal(stage.router.heldBytes, 0);
    stage.bytes("client 1", "own\n");
    stage.bytes("a/private 1", "!x\n");
    stage.bytes("b", "answ");
    stage.lost("client 1");
    assert.equal(stage.router.heldBytes, 0);
    assert.equal(stage.bytes("b", "er\n"), "");
  });

  it("lets what a detached plan changes wait for the client's own answers", () => {
    const push = (): Reaction => ({ ...noReaction, plans: [local("mine", { release: true })] });
    const stage = new Stage(plans({ own: () => own }, { push })).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "!x\n"), "");
    assert.equal(stage.bytes("a/private 1", "1\n"), 'client 1 "1\\nmine"; a/private 1 flush');
  });

  it("lets what it sends bring settings that need no replay", () => {
    const journal = Journal.empty.with(slot("use", "use\n"));
    const connect = fragment([part("use\n", { lane: "private" })], () => local("ok"), {
      carries: journal,
      hold: true,
    });
    const stage = new Stage({
      plan: (line, context) => {
        context.journal = journal;
        return line === "connect" ? connect : own;
      },
    }).client();
    stage.bytes("client 1", "connect\nown\n");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "use\\n"');
    assert.equal(stage.bytes("a/private 1", "+\n"), 'client 1 "ok"; a/private 1 "own\\n"');
  });

  it("replays to a cluster what is meant for it", () => {
    const packets = new Map([["b", bytesOf("for b\n")]]);
    const journal = Journal.empty.with(slot("use", "for all\n", { packets }));
    const stage = new Stage({
      plan: (line, context) => {
        context.journal = journal;
        return line === "b" ? toB : forward();
      },
    }).client();
    stage.bytes("client 1", "a\nb\n");
    assert.equal(stage.opened("a"), 'a "for all\\n"');
    assert.equal(stage.opened("b"), 'b "for b\\n"');
  });
});

describe("Session: nodes", () => {
  it("forgets nodes that it uses no more, however many there have been", () => {
    const stage = new Stage(plans({ n: (line) => forward({ node: line.slice(2) }) })).client();
    for (let i = 0; i < 200; i++) {
      const [node, later] = [`x:${i}`, i < 3 ? "" : "1\n"];
      assert.equal(stage.bytes("client 1", `n ${node}\n`), `a/${node} open ${node}`);
      stage.opened(`a/${node}`);
      if (later !== "") stage.bytes(`a/${node}`, later);
    }
    for (let i = 3; i < 200; i++) stage.lost(`a/x:${i}`);
    assert.equal(stage.bytes("a/x:0", "1\n2"), 'client 1 "1\\n"; a/x:0 abort');
    stage.wait(1_000);
    assert.deepEqual(
      stage.router.upstreams.map(({ name }) => name),
      ["a/x:1", "a/x:2"],
    );
  });
});

describe("Session: one-way requests", () => {
  it("gives no error for what nobody waits for", () => {
    const stage = new Stage(
      plans({ one: () => forward({ frames: 0 }), me: () => local("me") }),
    ).client();
    stage.bytes("client 1", "one\n");
    assert.equal(stage.lost("a"), "a abort");
    assert.equal(stage.bytes("client 1", "one\nme\n"), 'client 1 "me"');
  });
});
