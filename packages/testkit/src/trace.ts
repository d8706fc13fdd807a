/** What one client's bytes make a router do while every link opens at once and no server answers. */
import { type Codec, createRouter, type Effects, join, type Limits } from "@echarde/core";
import { show } from "./text.ts";

/** See the module. */
export interface Trace {
  /** Bytes to each peer. */
  readonly sent: ReadonlyMap<string, Uint8Array>;
  /** How the router ended the client. */
  readonly end: "flush" | "abort" | null;
  /** The most bytes that the router held. */
  readonly held: number;
}

/**
 * Feeds chunks in, one input each, as long as the router reads. `reusesInput` overwrites each after
 * its input; `enough` gets the bytes held after each and says whether to stop.
 */
export function trace(
  codec: Codec,
  table: unknown,
  chunks: readonly Uint8Array[],
  options: {
    readonly limits?: Partial<Limits>;
    readonly reusesInput?: boolean;
    readonly enough?: (held: number) => boolean;
  } = {},
): Trace {
  const { limits = {}, reusesInput = false, enough = () => false } = options;
  const router = createRouter({ codec, table, limits, reusesInput });
  const client = router.open(1);
  const sent = new Map<string, Uint8Array[]>();
  let end: Trace["end"] = null;
  let held = 0;
  let reading = true;
  const carryOut = (effects: Effects): void => {
    held = Math.max(held, router.heldBytes);
    for (const { peer, open, write, read, end: ends } of effects) {
      const key = peer === client ? "client" : peer.key;
      const chunksSent = sent.get(key) ?? [];
      sent.set(key, chunksSent);
      for (const chunk of write) chunksSent.push(reusesInput ? chunk.slice() : chunk);
      if (peer === client && read !== null) reading = read;
      if (peer === client && ends !== null) end = ends;
      if (open !== null) carryOut(router.opened(peer, 1));
    }
  };
  for (const chunk of chunks) {
    if (end !== null || !reading) break;
    const input = chunk.slice();
    carryOut(router.bytes(client, input, 1));
    if (reusesInput) input.fill(0xa5);
    if (enough(router.heldBytes)) break;
  }
  return { sent: new Map([...sent].map(([key, list]) => [key, join(list)])), end, held };
}

/** A trace in words, equal for equal traces. */
export function describe({ sent, end }: Trace): string {
  const lines = [...sent]
    .filter(([, bytes]) => bytes.length > 0)
    .map(([key, bytes]) => `${key} ← ${show(bytes, 4096)}`);
  return [...lines.sort(), `end: ${end}`].join("\n");
}
