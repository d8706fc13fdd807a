/** Rules about bytes that are not the protocol. */
import { type Codec, join } from "@echarde/core";
import { Noncompliance, wordsOf } from "../noncompliance.ts";
import { Random } from "../random.ts";
import type { CodecSamples } from "../samples.ts";
import { shrinkList } from "../shrink.ts";
import { cutAt, show } from "../text.ts";
import { type Trace, trace } from "../trace.ts";

/** Bytes held beyond `maxRequest`: read-ahead and answers out of turn. */
const slack = 320 << 10;

/** What is known to be wrong is refused with an end, in any cut. */
export function refused(codec: Codec, samples: CodecSamples): void {
  const rule = "bad bytes are refused with an end";
  for (const bytes of samples.garbage) {
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const { end, sent } = trace(codec, samples.table, chunks);
      const links = [...sent].filter(([key, out]) => key !== "client" && out.length > 0);
      if (end === null) throw new Noncompliance(rule, `${show(bytes)} did not end the client`);
      if (links.length > 0)
        throw new Noncompliance(rule, `${show(bytes)} reached ${links[0]?.[0]}`);
    }
  }
}

/** Anything at all gives requests, a refusal or a wait for more; it never throws, and holds little. */
export function anything(codec: Codec, samples: CodecSamples, seed: number, runs: number): void {
  const rule = "garbage never throws and is never hoarded";
  const limits = { maxRequest: 4096 };
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run);
    const bytes = random.chance(0.3)
      ? random.bytes(1 + random.below(6000))
      : mutated(
          random,
          join([random.pick(samples.requests).bytes, random.pick(samples.requests).bytes]),
        );
    const chunks = cutAt(bytes, random.cuts(bytes.length, random.pick([2, 50, 1000])));
    const wrong = (some: readonly Uint8Array[]): string | null => {
      let met: Trace;
      try {
        met = trace(codec, samples.table, some, { limits, reusesInput: true });
      } catch (error) {
        return wordsOf(error);
      }
      const most = limits.maxRequest + slack + 4 * bytes.length;
      return met.held > most ? `${met.held} bytes were held` : null;
    };
    if (wrong(chunks) === null) continue;
    const least = shrinkList(chunks, (some) => wrong(some) !== null);
    const shown = least.map((chunk) => show(chunk)).join("\n");
    throw new Noncompliance(rule, `seed ${seed + run}: ${wrong(least)}\nchunks\n${shown}`);
  }
}

/** A request that never ends is refused at the limit. */
export function limited(codec: Codec, samples: CodecSamples): void {
  const rule = "no request is held beyond maxRequest";
  const limits = { maxRequest: 2048 };
  for (const { name, bytes } of samples.requests) {
    // The start of the sample, then one of its bytes again and again.
    for (const keep of [1, bytes.length >> 1, bytes.length - 1]) {
      const filler = new Uint8Array(8192).fill(bytes[keep] ?? 65);
      const chunks = [bytes.slice(0, keep), ...new Array<Uint8Array>(200).fill(filler)];
      // Where a line's end alone is a request, each chunk is 8,192 of them and nothing piles up.
      let idle = 0;
      const enough = (now: number): boolean => {
        idle = now === 0 ? idle + 1 : 0;
        return idle === 4;
      };
      const { held } = trace(
        codec,
        samples.table,
        chunks.filter((chunk) => chunk.length > 0),
        { limits, enough },
      );
      if (held > limits.maxRequest + slack) {
        throw new Noncompliance(
          rule,
          `${name} cut after ${keep} bytes, then byte ${filler[0]} for ever: ${held} bytes held`,
        );
      }
    }
  }
}

function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i <= random.below(4); i++) {
    const at = random.below(copy.length);
    switch (random.below(4)) {
      case 0:
        copy[at] = random.below(256);
        break;
      case 1:
        copy[at] = (copy[at] as number) ^ (1 << random.below(8));
        break;
      case 2:
        copy.copyWithin(at, at + 1 + random.below(4));
        break;
      default:
        copy.copyWithin(at + 1 + random.below(4), at);
    }
  }
  return copy;
}
