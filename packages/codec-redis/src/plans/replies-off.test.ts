import assert from "node:assert/strict";
import { it } from "node:test";
import { createRouter, type Peer } from "@echarde/core";
import { redis } from "../redis.ts";
import { latin1, latin1Text } from "../wire/ascii.ts";

/** A router over one cluster; what each input makes it say, by peer. */
class Stage {
  readonly #router = createRouter({
    codec: redis(),
    table: { clusters: { one: { endpoints: ["one:1"] } }, defaultCluster: "one" },
  });
  readonly #peers = new Map<string, Peer>([["client", this.#router.open(1)]]);

  send(to: string, text: string): string[] {
    const peer = this.#peers.get(to);
    assert.ok(peer !== undefined, `${to} is there`);
    const said: string[] = [];
    let inputs = [this.#router.bytes(peer, latin1(text), 1)];
    while (inputs.length > 0) {
      const next: typeof inputs = [];
      for (const effects of inputs) {
        for (const { peer, open, write } of effects) {
          const name = peer.kind === "client" ? "client" : peer.key;
          this.#peers.set(name, peer);
          const words = write.map((bytes) => latin1Text(bytes, 0, bytes.length)).join("");
          if (words !== "") said.push(`${name}: ${words}`);
          if (open !== null) next.push(this.#router.opened(peer, 1));
        }
      }
      inputs = next;
    }
    return said;
  }
}

const ping = "*1\r\n$4\r\nPING\r\n";
const request = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;

for (const mode of ["OFF", "SKIP"]) {
  it(`waits for a write without a reply before it takes another lane (${mode})`, () => {
    const stage = new Stage();
    assert.deepEqual(stage.send("client", request("GET", "k")), [`one: ${request("GET", "k")}`]);
    assert.deepEqual(stage.send("one", "$-1\r\n"), ["client: $-1\r\n"]);
    assert.deepEqual(stage.send("client", request("CLIENT", "REPLY", mode)), [`one: ${ping}`]);
    assert.deepEqual(stage.send("one", "+PONG\r\n"), []);
    const small = request("SET", "k", "small");
    const pop = request("BLPOP", "k", "0");
    assert.deepEqual(stage.send("client", small + pop), [`one: ${small}`]);
    // the reply that nobody sees lets the next one go, on the session's own link
    assert.deepEqual(stage.send("one", "+OK\r\n"), [`one/private 1: ${pop}`]);
    const visible = mode === "OFF" ? [] : ["client: *-1\r\n"];
    assert.deepEqual(stage.send("one/private 1", "*-1\r\n"), visible);
  });
}

it("expects a reply to every packet, whatever the client wants to hear", () => {
  const stage = new Stage();
  stage.send("client", request("GET", "k"));
  stage.send("one", "$-1\r\n");
  stage.send("client", request("CLIENT", "REPLY", "OFF"));
  stage.send("one", "+PONG\r\n");
  const lines = ["DEL k j", "MGET k j", "DBSIZE", "SCAN 0", "PUBLISH c m", "EVAL x 0", "INCR k"];
  for (const line of lines) stage.send("client", request(...line.split(" ")));
  assert.deepEqual(stage.send("client", request("SUBSCRIBE", "c")), []);
  for (const [i] of lines.entries()) {
    const last = i + 1 === lines.length;
    const expected = last ? [`one/private 1: ${request("subscribe", "c")}`] : [];
    assert.deepEqual(stage.send("one", "*0\r\n"), expected, lines[i]);
  }
});
