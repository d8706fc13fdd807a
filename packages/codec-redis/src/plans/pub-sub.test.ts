import assert from "node:assert/strict";
import { it } from "node:test";
import { createRouter, type Effects, type Peer } from "@echarde/core";
import { redis } from "../redis.ts";
import { latin1, latin1Text } from "../wire/ascii.ts";

/** A router over two clusters, "a…" on one and "b…" on two, and what it says to whom. */
function stage(): { client: Peer; send: (to: string, text: string) => Record<string, string> } {
  const router = createRouter({
    codec: redis(),
    table: {
      clusters: { one: { endpoints: ["one:1"] }, two: { endpoints: ["two:1"] } },
      localCluster: "one",
      routes: [
        { prefix: "a", cluster: "one" },
        { prefix: "b", cluster: "two" },
      ],
    },
  });
  const client = router.open(1);
  const peers = new Map<string, Peer>([["client", client]]);
  const said = (effects: Effects, all: Record<string, string> = {}): Record<string, string> => {
    for (const { peer, open, write, end } of effects) {
      const name = peer.kind === "client" ? "client" : peer.cluster;
      peers.set(name, peer);
      const text = write.map((bytes) => latin1Text(bytes, 0, bytes.length)).join("");
      if (text !== "" || end !== null) all[name] = (all[name] ?? "") + text + (end ?? "");
      if (open !== null) said(router.opened(peer, 1), all);
    }
    return all;
  };
  return {
    client,
    send: (to, text) => said(router.bytes(peers.get(to) as Peer, latin1(text), 1)),
  };
}

const ack = (verb: string, name: string, count: number): string =>
  `*3\r\n$${verb.length}\r\n${verb}\r\n$${name.length}\r\n${name}\r\n:${count}\r\n`;
const message = (channel: string, text: string): string =>
  `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${text.length}\r\n${text}\r\n`;

it("delivers no message before the acknowledgement that one server would have sent first", () => {
  const { send } = stage();
  send("client", "SUBSCRIBE a1 b1\r\n");
  assert.deepEqual(send("one", ack("subscribe", "a1", 1) + message("a1", "early")), {});
  assert.deepEqual(send("two", ack("subscribe", "b1", 1)), {
    client: ack("subscribe", "a1", 1) + ack("subscribe", "b1", 2) + message("a1", "early"),
  });
  assert.deepEqual(send("one", message("a1", "later")), { client: message("a1", "later") });
});

it("gives back what was granted when a cluster refuses, and drops its messages", () => {
  const { send } = stage();
  send("client", "SUBSCRIBE a0\r\n");
  send("one", ack("subscribe", "a0", 1));
  send("client", "SUBSCRIBE a1 b1\r\n");
  send("one", ack("subscribe", "a1", 2) + message("a1", "stray") + message("a0", "wanted"));
  assert.deepEqual(send("two", "-NOPERM no channels for you\r\n"), {
    one: "*2\r\n$11\r\nunsubscribe\r\n$2\r\na1\r\n",
  });
  assert.deepEqual(send("one", ack("unsubscribe", "a1", 1)), {
    client: `-NOPERM no channels for you\r\n${message("a0", "wanted")}`,
  });
});

it("ends a client whose held messages outgrow their bound", () => {
  const { send } = stage();
  send("client", "SUBSCRIBE a1 b1\r\n");
  send("one", ack("subscribe", "a1", 1));
  const large = message("a1", "x".repeat(1 << 20));
  for (let i = 0; i < 7; i++) assert.deepEqual(send("one", large), {});
  assert.match(JSON.stringify(send("one", large)), /"client":"flush"/);
});
