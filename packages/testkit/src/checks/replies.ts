/** Rules about what upstreams send. */
import { type Codec, join, type LinkCodec } from "@echarde/core";
import { Noncompliance, wordsOf } from "../noncompliance.ts";
import { Random } from "../random.ts";
import type { CodecSamples, ReplySample } from "../samples.ts";
import { cutAt, show } from "../text.ts";
import { startCodec } from "./requests.ts";

/** What a link codec found: whole frames, pushes among them. */
export interface Framed {
  /** Each whole frame. */
  readonly frames: readonly {
    readonly bytes: Uint8Array;
    readonly push: boolean;
    readonly id: number;
  }[];
  /** Bytes of a frame that is not whole. */
  readonly rest: Uint8Array;
  /** The codec gave up. */
  readonly garbage: boolean;
}

/** Frames chunks as a link does. `expects` are for the replies, in order; the last one goes on. */
export function frame(
  link: LinkCodec,
  chunks: readonly Uint8Array[],
  expects: readonly number[],
): Framed {
  const frames: { bytes: Uint8Array; push: boolean; id: number }[] = [];
  let pieces: Uint8Array[] = [];
  let waiting = new Uint8Array(0);
  let replies = 0;
  for (const chunk of chunks) {
    const bytes = join([waiting, chunk]).slice();
    let from = 0;
    while (from < bytes.length) {
      const end = link.scan(bytes, from, expects[Math.min(replies, expects.length - 1)] ?? 0);
      const { event } = link;
      if (event === "need") break;
      if (event === "garbage") return { frames, rest: bytes.slice(from), garbage: true };
      if (end <= from || end > bytes.length) {
        throw new Error(`scan went from ${from} to ${end} of ${bytes.length} with ${event}`);
      }
      pieces.push(bytes.slice(from, end));
      from = end;
      if (event === "piece" || event === "push-piece") continue;
      const push = event === "push";
      frames.push({ bytes: join(pieces), push, id: link.id });
      pieces = [];
      if (!push) replies += 1;
    }
    waiting = bytes.slice(from);
  }
  return { frames, rest: join([...pieces, waiting]), garbage: false };
}

/** A fresh link codec. */
export function freshLink(codec: Codec, samples: CodecSamples): LinkCodec {
  const running = startCodec(codec, samples.table);
  return running.link({ cluster: "any", node: "", shared: true, session: null });
}

/** Replies are framed the same in any cut. */
export function framing(codec: Codec, samples: CodecSamples, seed: number, runs: number): void {
  const rule = "replies are framed the same in any cut";
  for (const sample of samples.replies) {
    const { bytes } = sample;
    const each = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
    check(rule, codec, samples, [sample], each, sample.name);
    for (const cut of each.slice(0, 300)) check(rule, codec, samples, [sample], [cut], sample.name);
  }
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run);
    const picked = Array.from({ length: 1 + random.below(8) }, () => random.pick(samples.replies));
    const length = picked.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const cuts = random.cuts(length, random.pick([1, 4, 30]));
    check(rule, codec, samples, picked, cuts, `seed ${seed + run}`);
  }
}

function check(
  rule: string,
  codec: Codec,
  samples: CodecSamples,
  replies: readonly ReplySample[],
  cuts: readonly number[],
  name: string,
): void {
  const expects = replies.filter(({ push }) => push !== true).map(({ expect }) => expect ?? 0);
  const chunks = cutAt(join(replies.map(({ bytes }) => bytes)), cuts);
  const met = frame(freshLink(codec, samples), chunks, expects);
  const words = (
    list: readonly { readonly bytes: Uint8Array; readonly push?: boolean }[],
  ): string =>
    list.map(({ bytes, push }) => `${push === true ? "push" : "reply"} ${show(bytes)}`).join("\n");
  if (words(met.frames) !== words(replies) || met.rest.length > 0) {
    throw new Noncompliance(
      rule,
      `${name}: ${replies.map((reply) => reply.name).join(", ")} cut at ${cuts.slice(0, 20).join(", ")} gives${met.garbage ? " garbage behind" : ""}\n${words(met.frames)}`,
    );
  }
}

/** Anything that an upstream may send is framed or called garbage, never thrown. */
export function garbageReplies(
  codec: Codec,
  samples: CodecSamples,
  seed: number,
  runs: number,
): void {
  const rule = "garbage of an upstream never throws";
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run);
    const bytes = random.chance(0.5)
      ? random.bytes(1 + random.below(200))
      : random.pick(samples.replies).bytes.slice();
    bytes[random.below(bytes.length)] = random.below(256);
    const chunks = cutAt(bytes, random.cuts(bytes.length, 10));
    try {
      frame(freshLink(codec, samples), chunks, [random.below(3)]);
    } catch (error) {
      throw new Noncompliance(rule, `seed ${seed + run}: ${show(bytes)}\n${wordsOf(error)}`);
    }
  }
}
