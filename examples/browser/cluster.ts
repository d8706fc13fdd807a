/** A router and three model servers in one page: no socket, no server, the same bundle as everywhere. */
import { redis } from "@echarde/codec-redis";
import { createRouter, type Effects, type Peer, type Router } from "@echarde/core";
import { latin1, RedisModel, textOf } from "@echarde/testkit";

/** What became of one command. */
export interface Outcome {
  /** Kind of plan for each request, with the rule that chose the cluster of each key. */
  readonly plans: readonly { readonly words: string; readonly because: readonly string[] }[];
  /** What each cluster was sent, in order. */
  readonly packets: ReadonlyMap<string, string>;
  /** What each cluster answered. */
  readonly replies: ReadonlyMap<string, string>;
  /** What the client gets. */
  readonly answer: string;
}

const names = ["redis1", "redis2", "redis3"];
const table = {
  clusters: Object.fromEntries(names.map((name) => [name, { endpoints: [`${name}:6379`] }])),
  localCluster: "redis1",
  routes: [
    { prefix: "alert:", cluster: "redis2" },
    { hash: "crc16-slots", over: names },
  ],
};

/** See the module. */
export class Cluster {
  readonly #router: Router = createRouter({ codec: redis(), table });
  readonly #client: Peer = this.#router.open(Date.now());
  readonly #servers = new Map(names.map((name) => [name, new RedisModel()]));
  readonly #connections = new Map<Peer, number>();
  #last = 0;

  /** Sends a line as redis-cli would; words have no quotes here. */
  send(line: string): Outcome {
    const words = line.trim().split(/\s+/);
    const bulks = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    const bytes = latin1(`*${words.length}\r\n${bulks.join("")}`);
    const plans = this.#router.explain(bytes).map(({ request, plan, keys }) => ({
      words: `${request}: ${plan}`,
      because: keys.map(({ key, cluster, because }) => `${textOf(key)} → ${cluster} (${because})`),
    }));
    const packets = new Map<string, string>();
    const replies = new Map<string, string>();
    let answer = "";
    const work = [this.#router.bytes(this.#client, bytes, Date.now())];
    for (let effects = work.shift(); effects !== undefined; effects = work.shift()) {
      for (const effect of effects) {
        const { peer, write } = effect;
        const text = write.map((chunk) => textOf(chunk)).join("");
        if (peer.kind === "client") answer += text;
        else {
          add(packets, peer.cluster, text);
          work.push(...this.#carryOut(effect, replies));
        }
      }
    }
    return { plans, packets, replies, answer };
  }

  /** Plays the part of the network for one link. */
  #carryOut(effect: Effects["list"][number], replies: Map<string, string>): Effects[] {
    const { peer, open, write, end } = effect;
    const server = this.#servers.get(peer.cluster);
    if (server === undefined) return [];
    const inputs: Effects[] = [];
    if (open !== null) {
      this.#connections.set(peer, ++this.#last);
      server.opened(this.#last);
      inputs.push(this.#router.opened(peer, Date.now()));
    }
    const connection = this.#connections.get(peer) ?? 0;
    for (const chunk of write) {
      for (const { bytes } of server.handle(connection, chunk)) {
        add(replies, peer.cluster, textOf(bytes));
        if (bytes.length > 0) inputs.push(this.#router.bytes(peer, bytes, Date.now()));
      }
    }
    if (end !== null) server.closed(connection);
    return inputs;
  }
}

function add(to: Map<string, string>, cluster: string, text: string): void {
  if (text !== "") to.set(cluster, (to.get(cluster) ?? "") + text);
}
