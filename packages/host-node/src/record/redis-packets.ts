/** Commands to Redis servers, read with redis-parser. Words of a packet are those of the command. */
import Parser from "redis-parser";
import { encodeCommand, recorded } from "./mask.ts";
import {
  largestPacket,
  leftOut,
  type PacketKind,
  type PacketReader,
  plannedKeys,
  quoted,
  type ReaderOptions,
} from "./packets.ts";

/** See the module. */
export const redisPackets: PacketKind = {
  reader: (options) => new RedisReader(options),
  show: (words) =>
    words.map((word) => (typeof word === "number" ? leftOut(word) : quoted(word))).join(" "),
  plan: (words, router) => {
    const [first] = router.explain(encodeCommand(words));
    if (first === undefined || first.plan === "refuse") return null;
    return { request: first.request, parts: plannedKeys(first) };
  },
};

class RedisReader implements PacketReader {
  readonly #parser: Parser;
  #pending = 0;
  #reads = true;

  constructor({ values, explain, packet }: ReaderOptions) {
    const stop = (): void => {
      this.#reads = false;
    };
    this.#parser = new Parser({
      returnBuffers: true,
      returnReply: (reply: unknown) => {
        this.#pending = 0;
        if (!Array.isArray(reply) || !reply.every((word) => Buffer.isBuffer(word))) return stop();
        const words: readonly Buffer[] = reply;
        const left = recorded(words, values, explain);
        if (left !== null) packet(left);
      },
      returnError: stop,
      returnFatalError: stop,
    });
  }

  read(chunk: Uint8Array): boolean {
    this.#pending += chunk.length;
    if (this.#pending > largestPacket) return false;
    if (chunk.length === 0) return true; // which it takes for an error
    try {
      this.#parser.execute(Buffer.from(chunk)); // a copy: it keeps what is not whole yet
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return false; // a count that no array can have
    }
    return this.#reads;
  }
}
