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
  table,
} from "../test/scripted.ts";
import { Journal, type Slot } from "./journal.ts";

const own = forward({ lane: "private" });
const simple: Script = {
  plan: (line) =>
    line.startsWith("own") ? own : line.startsWith("b") ? forward({ cluster: 1 }) : forward(),
};

describe("Link: failures", () => {
  it("fails each request once when the connection is lost, and sends none again", () => {
    const stage = new Stage(simple).client().client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.bytes("client 2", "2\n");
    assert.equal(stage.lost("a"), 'a abort; client 1 "<lost sent>"; client 2 "<lost sent>"');
    assert.equal(stage.lost("a"), "");
    assert.equal(stage.bytes("a", "late\n"), "");
    assert.equal(stage.ended("a"), "");
    assert.equal(stage.opened("a"), "");
    assert.equal(stage.bytes("client 1", "3\n"), "a#2 open a:1");
  });

  it("closes a client that has half an answer, since nothing else can tell it", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n2\n");
    stage.opened("a");
    stage.bytes("a", "hal");
    assert.equal(stage.lost("a"), "a abort; client 1 abort");
  });

  it("forgets the half of an answer that was not its turn", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "b\n1\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("a", "hal");
    stage.lost("a");
    assert.equal(stage.bytes("b", "B\n"), 'client 1 "B\\n<lost sent>"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("fails what is under way when the upstream talks rubbish, or answers what nobody asked", () => {
    for (const rubbish of ["?\n", "one\ntwo\n"]) {
      const stage = new Stage(simple).client();
      stage.bytes("client 1", "1\n");
      stage.opened("a");
      stage.bytes("a", rubbish);
      assert.deepEqual(stage.router.upstreams[0]?.links, 0);
    }
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n2\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "1\n?\n"), 'client 1 "1\\n<garbage sent>"; a abort');
  });

  it("times out a request, and swallows its late reply: the next gets its own", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.wait(4_999);
    stage.bytes("client 1", "2\n");
    assert.equal(stage.wait(1), 'client 1 "<timeout sent>"');
    assert.equal(stage.bytes("a", "one\ntwo\n"), 'client 1 "two\\n"');
    assert.equal(stage.router.heldBytes, 0);
  });

  it("gives a reply that arrives in pieces more time", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.wait(4_000);
    stage.bytes("a", "o");
    assert.equal(stage.wait(4_999), "");
    assert.equal(stage.wait(1), "client 1 abort");
  });

  it("honours a deadline that comes after a long time of use", () => {
    const stage = new Stage({ plan: () => forward({ timeout: 90_000 }) }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    assert.equal(stage.wait(89_999), "");
    assert.equal(stage.wait(1), 'client 1 "<timeout sent>"');
  });

  it("never times out a request that may wait for ever", () => {
    const stage = new Stage({ plan: () => forward({ timeout: 0 }) }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    assert.equal(stage.wait(1_000_000), "");
  });

  it("closes a link after too many time-outs, even if it says something now and then", () => {
    const stage = new Stage(simple, { limits: { maxTimeouts: 2 } }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.wait(3_000);
    stage.bytes("client 1", "2\n3\n");
    assert.equal(stage.wait(2_000), 'client 1 "<timeout sent>"');
    stage.bytes("a", "one\n");
    assert.equal(stage.wait(3_000), 'client 1 "<timeout sent><timeout sent>"; a abort');
  });

  it("ends a frame where the protocol ends it with the connection", () => {
    const stage = new Stage({ ...simple, endsFrame: true }).client();
    stage.bytes("client 1", "b\n1\n2\n");
    stage.opened("a");
    stage.opened("b");
    stage.bytes("a", "half");
    assert.equal(stage.ended("a"), "a abort");
    assert.equal(stage.bytes("b", "B\n"), 'client 1 "B\\nhalf<lost sent>"');
    const other = new Stage(simple).client();
    other.bytes("client 1", "1\n");
    other.opened("a");
    other.bytes("a", "half");
    assert.equal(other.ended("a"), "a abort; client 1 abort");
  });
});

describe("Link: connecting", () => {
  it("tries the next endpoint, then waits longer from time to time", () => {
    const stage = new Stage(simple).client();
    assert.equal(stage.bytes("client 1", "b\n"), "b open b:1");
    assert.equal(stage.lost("b"), "b open b:2");
    assert.equal(stage.lost("b"), 'b abort; client 1 "<unreachable>"');
    assert.equal(stage.bytes("client 1", "b\n"), 'client 1 "<unreachable>"');
    assert.equal(stage.bytes("client 1", "own\n1\n"), "a/private 1 open a:1");
    const backOff: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      let waited = 0;
      while (stage.bytes("client 1", "b\n") === "" && waited < 600) {
        stage.now += 1;
        waited += 1;
      }
      backOff.push(waited);
      stage.lost("b");
    }
    assert.equal(stage.router.peer("nobody"), undefined);
  });

  it("doubles the wait after a failed connect up to its limit, and forgets it once one stands", () => {
    const stage = new Stage({ plan: () => forward({ lane: "private" }) });
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 7; attempt++) {
      stage.client();
      const [client, link] = [`client ${attempt}`, `a/private ${attempt}`];
      const from = stage.now;
      let did = stage.bytes(client, "1\n");
      while (!did.includes("open")) {
        stage.now += 1;
        did = stage.bytes(client, "1\n");
      }
      waits.push(stage.now - from);
      if (attempt < 7) stage.lost(link);
    }
    const spans = [0, 50, 100, 200, 400, 500, 500];
    waits.forEach((wait, i) => {
      const most = spans[i] as number;
      assert.ok(wait <= most && wait >= most * 0.75, `${wait} is not about ${most}`);
    });
    stage.opened("a/private 7");
    stage.lost("a/private 7");
    assert.equal(stage.client().bytes("client 8", "1\n"), "a/private 8 open a:1");
  });

  it("gives a connect its time, then tries on", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "b\n");
    assert.equal(stage.wait(999), "");
    assert.equal(stage.wait(1), "b open b:2");
    assert.equal(stage.wait(1_000), 'b abort; client 1 "<unreachable>"');
  });

  it("asks for a tick in the future only, also when the replay starts late", () => {
    const slot: Slot = {
      name: "x",
      rank: 1,
      identity: false,
      packets: null,
      initial: false,
      packet: bytesOf("set\n"),
    };
    const stage = new Stage({
      plan: (_, context) => {
        context.journal = Journal.empty.with(slot);
        return own;
      },
    }).client();
    stage.bytes("client 1", "1\n");
    stage.wait(500);
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "set\\n"');
    stage.wait(600);
    assert.equal(stage.wait(400), 'a/private 1 abort; client 1 "<timeout>"');
  });

  it("fails requests of a link that goes while it replays as not sent, without words of its own", () => {
    const slot: Slot = {
      name: "x",
      rank: 1,
      identity: true,
      packets: null,
      initial: false,
      packet: bytesOf("set\n"),
    };
    const stage = new Stage({
      plan: (_, context) => {
        context.journal = Journal.empty.with(slot);
        return forward();
      },
    }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    assert.equal(stage.lost("a"), 'a abort; client 1 "<lost>"');
  });

  it("drops the requests of a client that left before the link stood", () => {
    const stage = new Stage(simple).client().client();
    stage.bytes("client 1", "1\n");
    stage.bytes("client 2", "2\n");
    stage.lost("client 1");
    assert.equal(stage.opened("a"), 'a "2\\n"');
    stage.client().bytes("client 3", "own\n");
    assert.equal(stage.lost("client 3"), "a/private 3 abort");
    assert.equal(stage.router.heldBytes, 0);
  });
});

describe("Link: rest", () => {
  it("closes a link that nobody has used for long", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "1\n");
    assert.equal(stage.wait(59_999), "");
    assert.equal(stage.wait(1), "a/private 1 flush");
    assert.equal(stage.bytes("client 1", "own\n"), "a/private 1 open a:1");
  });

  it("ignores a push on a link that nobody owns", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "!x\n1\n"), 'client 1 "1\\n"');
  });

  it("drains the link of a cluster that a new table drops, and takes it back with the next", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "b\nb\n1\n");
    stage.opened("b");
    stage.opened("a");
    const { a } = table.clusters;
    stage.swap({ clusters: { a }, defaultCluster: "a" });
    assert.equal(stage.wait(1), "");
    assert.equal(stage.bytes("b", "1\n"), 'client 1 "1\\n"');
    assert.equal(stage.bytes("b", "2\n"), 'client 1 "2\\n"');
    assert.equal(stage.wait(1), "b flush");
    stage.swap(table);
    assert.equal(stage.bytes("client 1", "b\n"), "b open b:1");
  });

  it("closes an idle link of a dropped cluster at once, and looks at one that opens when it stands", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "b\n");
    const { a } = table.clusters;
    stage.swap({ clusters: { a }, defaultCluster: "a" });
    assert.equal(stage.wait(1), "");
    stage.opened("b");
    stage.bytes("b", "1\n");
    assert.equal(stage.wait(1), "b flush");
  });

  it("closes the links of a dropped cluster in the end, whatever is under way", () => {
    const stage = new Stage({ plan: () => forward({ cluster: 1, timeout: 0 }) }).client();
    stage.bytes("client 1", "b\n");
    stage.opened("b");
    const { a } = table.clusters;
    stage.swap({ clusters: { a }, defaultCluster: "a" });
    assert.equal(stage.wait(29_999), "");
    assert.equal(stage.wait(1), 'b abort; client 1 "<lost sent>"');
  });

  it("counts time-outs in a row only", () => {
    const stage = new Stage(simple, { limits: { maxTimeouts: 2 } }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.wait(5_000);
    stage.bytes("a", "late\n");
    stage.bytes("client 1", "2\n");
    assert.equal(stage.wait(5_000), 'client 1 "<timeout sent>"');
    assert.equal(stage.bytes("a", "late\n"), "");
  });

  it("fails what is behind a reply after which the upstream closes", () => {
    let closing = false;
    const stage = new Stage({ ...simple, closing: () => closing }).client();
    stage.bytes("client 1", "1\n2\n3\n");
    stage.opened("a");
    stage.bytes("a", "one\n");
    closing = true;
    assert.equal(stage.bytes("a", "two\n"), 'client 1 "two\\n<closed sent>"; a abort');
  });

  it("holds no push, and no start of a reply, beyond maxRequest", () => {
    const stage = new Stage(simple, { limits: { maxRequest: 10 } }).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    assert.equal(stage.bytes("a/private 1", "!12345678"), "");
    assert.equal(stage.router.heldBytes, 9);
    assert.equal(stage.bytes("a/private 1", "90"), 'a/private 1 abort; client 1 "<garbage sent>"');
    assert.equal(stage.router.heldBytes, 0);
    const numbered = new Stage(
      { ...simple, matching: "id" },
      { limits: { maxRequest: 10 } },
    ).client();
    numbered.bytes("client 1", "1:x\n");
    numbered.opened("a");
    assert.equal(numbered.bytes("a", "1:123456789"), 'a abort; client 1 "<garbage sent>"');
  });

  it("counts what it does", () => {
    const stage = new Stage(simple).client();
    stage.bytes("client 1", "1\n2\n3\n");
    stage.opened("a");
    stage.now += 3;
    stage.bytes("a", "one\n-err\n");
    const [view] = stage.router.upstreams;
    assert.equal(view?.name, "a");
    assert.equal(view?.inFlight, 1);
    assert.equal(view?.errorReplies, 1);
    assert.deepEqual(
      { ...view?.stats, latency: [...(view?.stats.latency ?? [])].indexOf(2) },
      {
        ...{ requests: 3, replies: 2, failures: 0, bytesOut: 6, bytesIn: 9, latency: 5 },
        ...{ connects: 1, connectFailures: 0, lost: 0 },
      },
    );
    stage.lost("a");
    assert.equal(stage.router.upstreams[0]?.errorReplies, 1);
    assert.equal(stage.router.upstreams[0]?.stats.failures, 1);
  });

  it("puts the longest latencies into the last bucket", () => {
    const stage = new Stage({ plan: () => forward({ timeout: 0 }) }).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.now += 10_000_000;
    stage.bytes("a", "one\n");
    assert.equal(stage.router.upstreams[0]?.stats.latency.at(-1), 1);
  });
});

describe("Link: matching by id", () => {
  const numbered: Script = {
    matching: "id",
    plan: (line) => {
      if (line.startsWith("9:split")) {
        return fragment([part("0:A\n"), part("0:B\n", { cluster: 1 }), part("77:C\n", { id: 77 })]);
      }
      return forward({ id: Number.parseInt(line, 10) });
    },
  };

  it("numbers requests of all clients anew, and gives replies their own number back", () => {
    const stage = new Stage(numbered).client().client();
    stage.bytes("client 1", "5:one\n");
    stage.bytes("client 2", "5:two\n");
    assert.equal(stage.opened("a"), 'a "1:one\\n2:two\\n"');
    assert.equal(stage.bytes("a", "2:TWO\n"), 'client 2 "5:TWO\\n"');
    assert.equal(stage.bytes("a", "1:O"), "");
    assert.equal(stage.bytes("a", "NE\n"), 'client 1 "5:ONE\\n"');
  });

  it("numbers parts unless the codec has", () => {
    const stage = new Stage(numbered).client();
    stage.bytes("client 1", "9:split\n");
    assert.equal(stage.opened("a"), 'a "1:A\\n77:C\\n"');
    stage.opened("b");
    stage.bytes("a", "77:c\n1:a\n");
    assert.equal(stage.bytes("b", "1:b\n"), 'client 1 "1:a\\n|1:b\\n|77:c\\n"');
  });

  it("closes a link whose reply has a number that nobody waits for", () => {
    const stage = new Stage(numbered).client();
    stage.bytes("client 1", "5:one\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "3:?\n"), 'a abort; client 1 "<garbage sent 5>"');
  });

  it("tells a failure with the number that the client gave", () => {
    const stage = new Stage(numbered).client();
    stage.bytes("client 1", "5:one\n");
    assert.equal(stage.lost("a"), 'a abort; client 1 "<unreachable 5>"');
    assert.equal(stage.bytes("client 1", "6:one\n"), 'client 1 "<unreachable 6>"');
  });

  it("finds the replies to a replayed journal, whatever their numbers", () => {
    const slots = [1, 2].map(
      (rank): Slot => ({
        name: `s${rank}`,
        rank,
        identity: true,
        initial: false,
        packet: bytesOf(`100${rank}:set\n`),
        packets: null,
      }),
    );
    const stage = new Stage({
      ...numbered,
      plan: (_, context) => {
        context.journal = slots.reduce((journal, slot) => journal.with(slot), Journal.empty);
        return forward({ id: 5 });
      },
    }).client();
    stage.bytes("client 1", "5:one\n");
    assert.equal(stage.opened("a"), 'a "1001:set\\n1002:set\\n"');
    assert.equal(stage.bytes("a", "1001:ok\n"), "");
    assert.equal(stage.bytes("a", "1002:ok\n"), 'a "1:5:one\\n"'.replace("5:", ""));
    assert.equal(stage.bytes("a", "1:ONE\n"), 'client 1 "5:ONE\\n"');
  });

  it("skips numbers that the codec's own parts use, and calls one used twice the codec's fault", () => {
    const both = fragment([part("1:A\n", { id: 1 }), part("0:B\n")]);
    const stage = new Stage({ matching: "id", plan: () => both }).client();
    stage.bytes("client 1", "x\n");
    assert.equal(stage.opened("a"), 'a "1:A\\n2:B\\n"');
    assert.throws(() => stage.bytes("client 1", "x\n"), { code: "bad-codec" });
    assert.equal(stage.router.sessions, 0, "a codec that throws costs its own session");
  });

  it("streams a body behind a request with a new number", () => {
    const stage = new Stage({
      matching: "id",
      body: () => 3,
      plan: () => forward({ id: 5, lane: "private" }),
    }).client();
    stage.bytes("client 1", "5:put\nab");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "1:put\\nab"');
    assert.equal(stage.bytes("client 1", "c"), 'a/private 1 "c"');
  });
});

describe("Link: many in flight", () => {
  it("keeps the order of thousands", () => {
    const stage = new Stage(simple).client();
    const lines = Array.from({ length: 3_000 }, (_, i) => `${i}\n`);
    stage.bytes("client 1", lines.join(""));
    stage.opened("a");
    for (let from = 0; from < 3_000; from += 7) {
      const some = lines.slice(from, from + 7).join("");
      assert.equal(stage.bytes("a", some), `client 1 ${JSON.stringify(some)}`);
      stage.bytes("client 1", "more\n");
    }
    assert.equal(stage.router.upstreams[0]?.inFlight, 429);
    assert.equal(stage.lost("a").match(/lost sent/g)?.length, 429);
  });
});

void local;
