import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { bytesOf, forward, fragment, part, scripted, textOf } from "../test/scripted.ts";
import type { Effects } from "./effects.ts";
import type { Peer } from "./peer.ts";
import { createRouter } from "./router.ts";

const NOW = 1_000;
const table = {
  clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] }, c: { endpoints: ["c:1"] } },
  defaultCluster: "a",
  localCluster: "a",
};
/** `2 17 900`: a forward to cluster 2; `7 17 900`: split over 0, 1 and 2. The server repeats the line 900 bytes long. */
const codec = scripted({
  plan: (line) => {
    const cluster = Number(line[0]);
    if (cluster < 3) return forward({ cluster });
    return fragment([0, 1, 2].map((at) => part(`${line}\n`, { cluster: at })));
  },
});

const answerTo = (line: string): string => `${line.padEnd(Number(line.split(" ")[2]), ".")}\n`;

/**
 * Clients whose requests go to three servers. The servers answer in any order and in pieces, and
 * the memory of every input and every effect is overwritten once the call is over.
 */
function run(
  requests: readonly { client: number; kind: number; size: number }[],
  order: readonly { server: number; bytes: number }[],
  reusesInput: boolean,
): void {
  const router = createRouter({ codec, table, reusesInput });
  const clients = [0, 1, 2].map(() => router.open(NOW));
  const links = new Map<Peer, { received: string; toSend: string }>();
  const received = new Map<Peer, string>(clients.map((peer) => [peer, ""]));
  const expected = new Map<Peer, string>(clients.map((peer) => [peer, ""]));
  const carryOut = (effects: Effects): void => {
    const opened: Peer[] = [];
    for (const { peer, open, write, end } of effects) {
      assert.equal(end, null);
      if (open !== null) {
        links.set(peer, { received: "", toSend: "" });
        opened.push(peer);
      }
      const text = write.map(textOf).join("");
      const link = links.get(peer);
      if (link === undefined) received.set(peer, received.get(peer) + text);
      else {
        const lines = (link.received + text).split("\n");
        link.received = lines.pop() as string;
        link.toSend += lines.map(answerTo).join("");
      }
    }
    for (const peer of opened) carryOut(router.opened(peer, NOW));
  };
  const give = (peer: Peer, text: string): void => {
    const bytes = bytesOf(text);
    carryOut(router.bytes(peer, bytes, NOW));
    if (reusesInput) bytes.fill(0xa5);
  };
  requests.forEach(({ client, kind, size }, number) => {
    const peer = clients[client] as Peer;
    const line = `${kind} ${number} ${size}`;
    const whole = answerTo(line);
    expected.set(peer, expected.get(peer) + (kind < 3 ? whole : [whole, whole, whole].join("|")));
    give(peer, `${line}\n`);
  });
  const say = (server: number, bytes: number): void => {
    const [peer, link] = [...links][server % links.size] ?? [];
    if (peer === undefined || link === undefined || link.toSend === "") return;
    const text = link.toSend.slice(0, bytes);
    link.toSend = link.toSend.slice(bytes);
    give(peer, text);
  };
  for (const { server, bytes } of order) say(server, bytes);
  for (let server = 0; server < links.size; server++) say(server, Number.POSITIVE_INFINITY);
  for (const peer of clients) assert.equal(received.get(peer), expected.get(peer));
  assert.equal(router.heldBytes, 0);
}

describe("Answers", () => {
  const requests = fc.array(
    fc.record({
      client: fc.nat(2),
      kind: fc.constantFrom(0, 1, 2, 0, 1, 2, 7),
      size: fc.constantFrom(5, 40, 1_000, 20_000),
    }),
    { minLength: 1, maxLength: 60 },
  );
  const order = fc.array(
    fc.record({ server: fc.nat(2), bytes: fc.integer({ min: 1, max: 3_000 }) }),
    {
      maxLength: 150,
    },
  );
  for (const reusesInput of [false, true]) {
    it(`are those of their client, whole and in order, ${reusesInput ? "though inputs are overwritten" : "inputs being left alone"}`, () => {
      fc.assert(
        fc.property(requests, order, (wanted, said) => run(wanted, said, reusesInput)),
        { numRuns: 60 },
      );
    });
  }
});
