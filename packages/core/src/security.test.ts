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

/** A protocol whose links say the password first. */
function greets(script: Script): Codec {
  const codec = scripted(script);
  return {
    ...codec,
    start: (router) => {
      const running = codec.start(router);
      return {
        ...running,
        link: (context) =>
          Object.assign(running.link(context), {
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

function staged(known: Map<string, Credentials>): Stage {
  const security: Security = {
    credentials: (cluster) => known.get(cluster) ?? null,
    passes: false,
    users: null,
  };
  return new Stage(simple, { codec: greets(simple), security });
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
