import type { Socket } from "node:net";

/**
 * Ends a connection with a RST and without a FIN before it. `resetAndDestroy` sends both, so that
 * the other side may take the loss for a clean end; what sets it apart from `destroy` is this flag
 * (lib/net.js of Node 18 to 24).
 */
export function reset(socket: Socket): void {
  if (!socket.connecting) (socket as Socket & { resetAndClosing?: boolean }).resetAndClosing = true;
  socket.destroy();
}
