/**
 * A proxy of one's own: Redis over several servers, and a line for each request that says where it
 * goes. It takes its port and the servers' addresses:
 *
 *     node --conditions=source --import tsx own-proxy.ts 6400 127.0.0.1:7001 127.0.0.1:7002
 */
import { connect, createServer, type Socket } from "node:net";
import { redis } from "@echarde/codec-redis";
import { createRouter, type Effects, type Peer } from "@echarde/core";

const [port, ...endpoints] = process.argv.slice(2);
const clusters = Object.fromEntries(
  endpoints.map((one, i) => [`redis${i + 1}`, { endpoints: [one] }]),
);
const routes = [{ hash: "crc16-slots", over: Object.keys(clusters) }];
const router = createRouter({
  codec: redis(),
  table: { clusters, localCluster: "redis1", routes },
});
const now = (): number => performance.timeOrigin + performance.now();
let timer: NodeJS.Timeout | undefined;

function run({ list, deadline, toUpstreams }: Effects): void {
  for (const [cluster, packets] of toUpstreams)
    console.log(cluster, Buffer.concat(packets).toString());
  for (const { peer, open, write, read, end } of list) {
    const [host, number] = open?.endpoint.split(":") ?? [];
    const socket =
      open === null ? (peer.host as Socket) : attach(peer, connect(Number(number), host));
    for (const chunk of write) socket.write(chunk);
    if (read !== null) socket[read ? "resume" : "pause"]();
    if (end !== null) socket[end === "flush" ? "destroySoon" : "destroy"]();
  }
  clearTimeout(timer);
  timer = setTimeout(() => run(router.tick(now())), Math.min(deadline - now(), 2 ** 31 - 1));
  for (const { peer } of list) {
    const { writableNeedDrain, writableLength } = peer.host as Socket;
    if (writableNeedDrain) run(router.full(peer, writableLength, now()));
  }
}

function attach(peer: Peer, socket: Socket): Socket {
  (peer.host as Socket | undefined)?.destroy();
  peer.host = socket;
  const live = (input: () => Effects) => (): unknown => peer.host === socket && run(input());
  socket.on(
    "connect",
    live(() => router.opened(peer, now())),
  );
  socket.on("data", (chunk) => live(() => router.bytes(peer, chunk, now()))());
  socket.on(
    "drain",
    live(() => router.drained(peer, now())),
  );
  socket.on(
    "end",
    live(() => router.halfClosed(peer, now())),
  );
  socket.on(
    "close",
    live(() => router.lost(peer, now())),
  );
  return socket.on("error", () => {}); // "close" follows
}

const server = createServer({ allowHalfOpen: true }, (socket) =>
  attach(router.open(now()), socket),
);
server.listen(Number(port), "127.0.0.1", () => console.log("own-proxy on", server.address()));
