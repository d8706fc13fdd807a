/**
 * Connections on their way to a worker. `node:cluster` forgets one that a worker
 * was handed and did not take before it ended: it would stay open, and its client
 * would wait for ever.
 */
import type { Worker } from "node:cluster";

/** What `node:cluster` hands over: the socket's handle, which it closes here once the worker has it. */
interface Handle {
  close(...rest: unknown[]): unknown;
}

/** Closes, when the worker ends, what it was handed and had not taken. Call it before the worker is given any. */
export function closeWhatIsLeft(worker: Worker): void {
  const left = new Set<Handle>();
  const child = worker.process;
  const send = child.send;
  const watched = (message: never, handle?: unknown, ...rest: never[]): boolean => {
    if (isHandle(handle)) watch(handle);
    return send.call(child, message, handle as never, ...(rest as []));
  };
  const watch = (handle: Handle): void => {
    const close = handle.close;
    left.add(handle);
    handle.close = (...rest): unknown => {
      left.delete(handle);
      return close.apply(handle, rest);
    };
  };
  child.send = watched;
  worker.on("exit", () => {
    for (const handle of left) handle.close();
  });
}

function isHandle(value: unknown): value is Handle {
  return typeof value === "object" && value !== null && "close" in value;
}
