/**
 * A proxy of one's own: Redis over several servers, and a line for each request that says where it
 * goes. It takes its port and the servers' addresses:
 *
 *     node --conditions=source --import tsx own-proxy.ts 6400 127.0.0.1:7001 127.0.0.1:7002
 */
import { connect, createServer, type Socket } from "node:net";
import { redis } from "@echarde/codec-redis";
import { createRouter, type Effects, type Peer, type PeerEvent } from "@echarde/core";

const [port, ...servers] = process.argv.slice(2);
const clusters = Object.fromEntries(
  servers.map((one, i) => [`redis${i + 1}`, { endpoints: [one] }]),
);
const routes = [{ hash: "crc16-slots", over: Object.keys(clusters) }];
const router = createRouter({ codec: redis(), table: { clusters, routes } });
const now = (): number => performance.timeOrigin + performance.now();
const socketOf = (peer: Peer): Socket => peer.host as Socket;

function run(effects: Effects): void {
  for (const [cluster, packets] of effects.toUpstreams)
    console.log(cluster, Buffer.concat(packets).toString());
  for (const { peer, open, write, read, end } of effects) {
    if (open) attach(peer, connect(open));
    for (const chunk of write) socketOf(peer).write(chunk);
    if (read !== null) socketOf(peer)[read ? "resume" : "pause"]();
    if (end) socketOf(peer)[end === "flush" ? "destroySoon" : "destroy"]();
  }
  for (const peer of effects.list.map((effect) => effect.peer))
    if (socketOf(peer).writableNeedDrain)
      run(router.full(peer, socketOf(peer).writableLength, now()));
}

function attach(peer: Peer, socket: Socket): void {
  socketOf(peer)?.destroy(); // a link whose first endpoint did not answer
  peer.host = socket.on("error", () => {}); // "close" follows
  const tell = (event: PeerEvent, data?: Buffer): unknown =>
    peer.host === socket && run(router.input(peer, event, now(), data));
  for (const event of ["connect", "drain", "end", "close"] as const)
    socket.on(event, () => tell(event));
  socket.on("data", (data) => tell("data", data));
}

const server = createServer({ allowHalfOpen: true }, (socket) =>
  attach(router.open(now()), socket),
);
server.listen(Number(port), "127.0.0.1", () => console.log("own-proxy on", server.address()));
setInterval(() => run(router.tick(now())), 20);
