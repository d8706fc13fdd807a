/** The kit finds what is wrong: each broken codec fails the rule that it breaks. */
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  type Codec,
  type LinkCodec,
  noReaction,
  type RunningCodec,
  type SessionCodec,
} from "@echarde/core";
import { codecCompliance } from "./compliance.ts";
import { fifo } from "./models/fifo.ts";
import { packetId } from "./models/packet-id.ts";
import { fifoSamples, packetIdSamples } from "./models/samples.ts";
import { Noncompliance } from "./noncompliance.ts";
import type { CodecSamples } from "./samples.ts";
import { latin1, textOf } from "./text.ts";

/** Whether a codec breaks a rule. */
function breaks(rule: string, codec: Codec, samples: CodecSamples = fifoSamples): boolean {
  const check = codecCompliance(codec, samples, { runs: 60 }).find(({ name }) => name === rule);
  assert.ok(check, `no rule "${rule}"`);
  try {
    check.run();
    return false;
  } catch (error) {
    assert.ok(error instanceof Noncompliance, String(error));
    return true;
  }
}

function withSession(
  change: (session: SessionCodec, running: RunningCodec) => Partial<SessionCodec>,
  codec: Codec = fifo,
): Codec {
  return {
    ...codec,
    start: (router) => {
      const running = codec.start(router);
      return {
        link: (context) => running.link(context),
        session: (context) => {
          const session = running.session(context);
          return Object.defineProperties(
            Object.create(session),
            Object.getOwnPropertyDescriptors(bound(session, change(session, running))),
          );
        },
      };
    },
  };
}

/** A session whose methods run on the original (private fields), with some replaced. */
function bound(session: SessionCodec, change: Partial<SessionCodec>): SessionCodec {
  return {
    get end() {
      return session.end;
    },
    get more() {
      return session.more;
    },
    get need() {
      return session.need;
    },
    get label() {
      return session.label;
    },
    request: (bytes, from) => session.request(bytes, from),
    keys: (bytes) => session.keys(bytes),
    body: (bytes, from) => session.body(bytes, from),
    push: (frame, cluster) => session.push(frame, cluster),
    failure: (failure, plan) => session.failure(failure, plan),
    pinned: (cluster) => session.pinned(cluster),
    get wakeAt() {
      return session.wakeAt;
    },
    wake: () => session.wake(),
    lost: (cluster) => session.lost(cluster),
    closed: () => {
      session.closed();
    },
    ...change,
  };
}

function withLink(change: (link: LinkCodec) => void): Codec {
  return {
    ...fifo,
    start: (router) => {
      const running = fifo.start(router);
      return {
        session: (context) => running.session(context),
        link: (context) => {
          const link = running.link(context);
          change(link);
          return link;
        },
      };
    },
  };
}

it("finds a codec that looks at the clock", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      Date.now();
      return session.request(bytes, from);
    },
  }));
  assert.ok(breaks("equal inputs give equal outputs", codec));
});

it("finds a codec that waits for more than a request has", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => session.request(bytes, from),
    get need() {
      return 1000;
    },
  }));
  assert.ok(breaks("need is at most what the request still has", withNeed(codec)));
});

function withNeed(codec: Codec): Codec {
  return {
    ...codec,
    start: (router) => {
      const running = codec.start(router);
      return {
        link: (context) => running.link(context),
        session: (context) =>
          Object.defineProperty(running.session(context), "need", { get: () => 1000 }),
      };
    },
  };
}

it("finds a codec that forwards to the wrong cluster", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      const plan = session.request(bytes, from);
      return plan?.type === "forward" ? { ...plan, cluster: 0 } : plan;
    },
  }));
  assert.ok(breaks("a request for one owner is forwarded untouched", codec));
});

it("finds a codec that reads on where the chunk ends", () => {
  // Takes a word that the cut has split for the whole word.
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      const whole = bytes.indexOf(10, from) >= 0;
      if (!whole && textOf(bytes, from).startsWith("NO"))
        return { type: "refuse", bytes: [latin1("-bad\n")], end: true };
      return session.request(bytes, from);
    },
  }));
  assert.ok(breaks("any cut of a request does the same", codec));
});

it("finds a codec that lets bad bytes pass", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      const plan = session.request(bytes, from);
      return plan?.type === "refuse" ? { ...plan, end: false } : plan;
    },
  }));
  assert.ok(breaks("bad bytes are refused with an end", codec));
});

it("finds a codec that throws at garbage", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      if ((bytes[from] as number) > 127) throw new RangeError("not ASCII");
      return session.request(bytes, from);
    },
  }));
  assert.ok(breaks("garbage never throws and is never hoarded", codec));
});

it("finds a link codec that forgets its place between chunks", () => {
  const codec = withLink((link) => {
    link.scan = (bytes, from) => {
      const at = bytes.indexOf(10, from);
      Object.assign(link, { event: at < 0 || bytes[from] === 120 ? "garbage" : "reply" });
      return at + 1;
    };
  });
  assert.ok(breaks("replies are framed the same in any cut", codec));
});

it("finds a merge in the wrong order", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      const plan = session.request(bytes, from);
      if (plan?.type !== "fragment" || session.label !== "MGET") return plan;
      return { ...plan, coalesce: (replies) => plan.coalesce([...replies].reverse()) };
    },
  }));
  assert.ok(breaks("router and servers answer as one server", codec));
});

it("finds a client's setting on a link that others share", () => {
  const codec = withSession((session) => ({
    request: (bytes, from) => {
      const plan = session.request(bytes, from);
      // Sends USE itself over the shared link instead of trying it on a link of its own.
      if (session.label !== "USE" || plan === null) return plan;
      return {
        type: "forward",
        cluster: 0,
        node: "",
        lane: "shared",
        hold: false,
        silent: false,
        timeout: -1,
        frames: 1,
        expect: 0,
        id: -1,
      };
    },
  }));
  assert.ok(breaks("router and servers answer as one server", codec));
});

it("finds a push that goes to the wrong request", () => {
  const codec = withSession(() => ({ push: () => noReaction }), packetId);
  assert.ok(breaks("router and servers answer as one server", codec, packetIdSamples));
});

it("finds a failure that is swallowed", () => {
  const codec = withSession(() => ({ failure: () => new Uint8Array(0) }));
  assert.ok(breaks("each request has one outcome when links fail", codec));
});
