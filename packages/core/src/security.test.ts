import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, forward, type Script, Stage, scripted, textOf } from "../test/scripted.ts";
import type { Codec } from "./codec.ts";
import { Journal, type Slot } from "./journal.ts";
import { type Credentials, Secret, type Security, sameCredentials } from "./security.ts";

const simple: Script = {
  plan: (line) => forward(line.startsWith("own") ? { lane: "private" } : {}),
};

const credentials = (text: string, user = ""): Credentials => ({
  user,
  password: new Secret(bytesOf(text)),
});

/** A protocol whose links say the password first, and again after each `renewAfter`. */
function greets(script: Script, renewAfter = 0): Codec {
  const codec = scripted(script);
  return {
    ...codec,
    start: (router) => {
      const running = codec.start(router);
      return {
        ...running,
        link: (context) =>
          Object.assign(running.link(context), {
            renewAfter,
            greeting: (): readonly Slot[] => {
              const own = router.security.credentials(context.cluster);
              if (own === null) return [];
              const packet = bytesOf(`I am ${textOf(own.password.reveal())}\n`);
              return [
                { name: "own", rank: 0, identity: true, initial: false, packet, packets: null },
              ];
            },
          }),
      };
    },
  };
}

function staged(known: Map<string, Credentials>, renewAfter = 0): Stage {
  const security: Security = {
    credentials: (cluster) => known.get(cluster) ?? null,
    passes: false,
    users: null,
  };
  return new Stage(simple, { codec: greets(simple, renewAfter), security });
}

describe("a greeting", () => {
  it("comes first on every link, and requests wait for its answer", () => {
    const stage = staged(new Map([["a", credentials("x")]])).client();
    assert.equal(stage.bytes("client 1", "1\nown\n"), "a open a:1");
    assert.equal(stage.opened("a"), 'a "I am x\\n"');
    assert.equal(stage.bytes("client 1", "2\n"), "");
    assert.equal(stage.bytes("a", "yes\n"), 'a "1\\n"');
    assert.equal(stage.bytes("a", "one\n"), 'client 1 "one\\n"; a/private 1 open a:1');
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "I am x\\n"');
    assert.equal(stage.bytes("a/private 1", "yes\n"), 'a/private 1 "own\\n2\\n"');
  });

  it("that is refused fails what waits, and is not repeated at once", () => {
    const known = new Map([["a", credentials("bad")]]);
    const stage = staged(known).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    assert.equal(stage.bytes("a", "-no\n"), 'a abort; client 1 "<handshake -no>"');
    assert.equal(stage.bytes("client 1", "2\n"), 'client 1 "<unreachable>"');
    stage.wait(499);
    assert.equal(stage.bytes("client 1", "3\n"), 'client 1 "<unreachable>"');
    stage.wait(1);
    assert.equal(stage.bytes("client 1", "4\n"), "a#2 open a:1");
  });

  it("with other credentials is tried at once", () => {
    const known = new Map([["a", credentials("bad")]]);
    const stage = staged(known).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.bytes("a", "-no\n");
    known.set("a", credentials("good"));
    assert.equal(stage.did(stage.router.securityChanged(stage.now)), "");
    assert.equal(stage.bytes("client 1", "2\n"), "a#2 open a:1");
    assert.equal(stage.opened("a#2"), 'a#2 "I am good\\n"');
  });
});

describe("credentials that change", () => {
  it("leave links alone that have the same ones", () => {
    const known = new Map([["a", credentials("x", "u")]]);
    const stage = staged(known).client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.bytes("a", "yes\none\n");
    known.set("a", credentials("x", "u"));
    known.set("b", credentials("y"));
    assert.equal(stage.did(stage.router.securityChanged(stage.now)), "");
    assert.equal(stage.bytes("client 1", "2\n"), 'a "2\\n"');
  });

  it("let old links finish what is in flight, in order, and close them then", () => {
    const known = new Map([["a", credentials("old")]]);
    const stage = staged(known).client().client();
    stage.bytes("client 1", "1\n");
    stage.opened("a");
    stage.bytes("a", "yes\n");
    known.set("a", credentials("new"));
    stage.did(stage.router.securityChanged(stage.now));
    // This client has a request there: the next one must not overtake it.
    assert.equal(stage.bytes("client 1", "2\n"), 'a "2\\n"');
    assert.equal(stage.bytes("client 2", "3\n"), "a#2 open a:1");
    assert.equal(stage.bytes("a", "one\ntwo\n"), 'client 1 "one\\ntwo\\n"');
    assert.equal(stage.wait(1), "a flush");
    assert.equal(stage.opened("a#2"), 'a#2 "I am new\\n"');
    assert.equal(stage.bytes("client 1", "4\n"), "");
    assert.equal(stage.bytes("a#2", "yes\n"), 'a#2 "3\\n4\\n"');
    assert.equal(stage.router.upstreams[0]?.links, 1);
  });

  it("close links of one client once they are idle", () => {
    const known = new Map([["a", credentials("old")]]);
    const stage = staged(known).client();
    stage.bytes("client 1", "own\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "yes\none\n");
    known.delete("a");
    stage.did(stage.router.securityChanged(stage.now));
    assert.equal(stage.wait(1), "a/private 1 flush");
    assert.equal(stage.bytes("client 1", "own\n"), "a/private 1 open a:1");
    assert.equal(stage.opened("a/private 1"), 'a/private 1 "own\\n"');
  });
});

describe("a greeting that upstreams forget", () => {
  it("is said again behind what is in flight, on links in use and unused, time after time", () => {
    const stage = staged(new Map([["a", credentials("x")]]), 8_000).client();
    stage.bytes("client 1", "own 1\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "yes\none\n");
    stage.bytes("client 1", "shared 1\n");
    stage.opened("a");
    stage.bytes("a", "yes\none\n");
    assert.equal(stage.wait(7_999), "");
    assert.equal(stage.bytes("client 1", "own 2\n"), 'a/private 1 "own 2\\n"');
    assert.equal(stage.wait(1), 'a/private 1 "I am x\\n"; a "I am x\\n"');
    assert.equal(stage.bytes("client 1", "own 3\n"), "", "waits for the answer");
    assert.equal(stage.bytes("a/private 1", "two\n"), 'client 1 "two\\n"');
    assert.equal(stage.bytes("a/private 1", "yes\n"), 'a/private 1 "own 3\\n"');
    assert.equal(stage.bytes("a/private 1", "three\n"), 'client 1 "three\\n"');
    assert.equal(stage.bytes("a", "yes\n"), "");
    assert.equal(stage.wait(7_999), "");
    assert.equal(stage.wait(1), 'a/private 1 "I am x\\n"; a "I am x\\n"');
  });

  it("costs the link when it is refused or not answered", () => {
    for (const answered of [true, false]) {
      const stage = staged(new Map([["a", credentials("x")]]), 8_000).client();
      stage.bytes("client 1", "1\n");
      stage.opened("a");
      stage.bytes("a", "yes\none\n");
      assert.equal(stage.wait(8_000), 'a "I am x\\n"');
      assert.equal(stage.bytes("client 1", "2\n"), "");
      const did = answered ? stage.bytes("a", "-no\n") : stage.wait(5_000);
      const why = answered ? "handshake -no" : "timeout";
      assert.equal(did, `a abort; client 1 "<${why}>"`);
    }
  });

  it("waits while the link is not read", () => {
    const stage = staged(new Map([["a", credentials("x")]]), 8_000).client();
    stage.bytes("client 1", "own 1\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "yes\n");
    assert.equal(stage.full("client 1", 1 << 20), "a/private 1 pause");
    assert.equal(stage.wait(8_500), "");
    assert.equal(stage.drained("client 1"), "a/private 1 read");
    assert.equal(stage.wait(500), 'a/private 1 "I am x\\n"');
  });

  it("is not said again with other credentials", () => {
    const known = new Map([["a", credentials("x")]]);
    const stage = staged(known, 2_000).client();
    stage.bytes("client 1", "own 1\n");
    stage.opened("a/private 1");
    stage.bytes("a/private 1", "yes\n");
    known.set("a", credentials("y"));
    stage.did(stage.router.securityChanged(stage.now));
    assert.equal(stage.wait(4_000), "");
    assert.equal(stage.bytes("a/private 1", "one\n"), 'client 1 "one\\n"');
  });
});

describe("Secret", () => {
  it("shows itself to nobody but who asks for it", () => {
    const secret = new Secret(bytesOf("abc"));
    assert.equal(`${secret}`, "(secret)");
    assert.equal(JSON.stringify({ secret }), '{"secret":"(secret)"}');
    assert.equal(textOf(secret.reveal()), "abc");
  });

  it("is compared with its user", () => {
    assert.ok(sameCredentials(null, null));
    assert.ok(sameCredentials(credentials("a", "u"), credentials("a", "u")));
    assert.ok(!sameCredentials(credentials("a"), null));
    assert.ok(!sameCredentials(credentials("a"), credentials("b")));
    assert.ok(!sameCredentials(credentials("a"), credentials("a", "u")));
  });
});

describe("a slot of negative rank", () => {
  it("keeps identities apart and is never replayed", () => {
    const user = (name: string): Journal =>
      Journal.empty.with({
        ...{ name: "user", rank: -1, identity: true, initial: false, packets: null },
        packet: bytesOf(name),
      });
    assert.notEqual(user("a").key, user("b").key);
    assert.deepEqual(user("a").since(Journal.empty, true), []);
    assert.equal(user("a").without("user").key, Journal.empty.key);
  });
});
