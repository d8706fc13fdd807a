/** Rules about what clients send. */
import {
  type Codec,
  createRouter,
  defaultLimits,
  Journal,
  join,
  noSecurity,
  type RunningCodec,
  type SessionCodec,
} from "@echarde/core";
import { Noncompliance } from "../noncompliance.ts";
import { Random } from "../random.ts";
import type { CodecSamples } from "../samples.ts";
import { shrinkList } from "../shrink.ts";
import { cutAt, equal, show } from "../text.ts";
import { describe, trace } from "../trace.ts";

/** The codec at work without a router around it. */
export function startCodec(codec: Codec, table: unknown): RunningCodec {
  const compiled = createRouter({ codec, table }).table;
  return codec.start({
    table: compiled,
    limits: defaultLimits,
    keep: (bytes) => bytes,
    security: noSecurity,
    records: null,
    keepsValues: false,
  });
}

function freshSession(codec: Codec, table: unknown): SessionCodec {
  return startCodec(codec, table).session({
    id: 1,
    now: 1,
    journal: Journal.empty,
    wake: () => undefined,
  });
}

/** Each sample gives its plan, whatever stands behind it, and is asked to wait for no more than its own bytes. */
export function plans(codec: Codec, samples: CodecSamples): void {
  const rule = "a request gives its plan and ends where it ends";
  for (const sample of samples.requests) {
    for (const behind of [new Uint8Array(0), ...samples.requests.map(({ bytes }) => bytes)]) {
      const session = freshSession(codec, samples.table);
      // An offset of its own: codecs must not take the start of the array for the start of the request.
      const bytes = join([Uint8Array.of(0), sample.bytes, behind]);
      const plan = session.request(bytes, 1);
      let end = session.end;
      for (let left = bytes.length; plan !== null && session.more && left > 0; left--) {
        end = session.body(bytes, end);
      }
      if (plan?.type !== sample.does) {
        throw new Noncompliance(
          rule,
          `${sample.name} gave ${plan?.type ?? "no plan"}, not ${sample.does}`,
        );
      }
      const lane = plan.type === "forward" ? plan.lane : sample.lane;
      const holds = "hold" in plan ? plan.hold : sample.hold;
      if (sample.lane !== undefined && lane !== sample.lane) {
        throw new Noncompliance(
          rule,
          `${sample.name} takes the ${lane} lane, not the ${sample.lane} one`,
        );
      }
      if (sample.hold !== undefined && holds !== sample.hold) {
        const words = holds ? "holds up what is behind it" : "lets what is behind it overtake";
        throw new Noncompliance(rule, `${sample.name} ${words}`);
      }
      if (end !== 1 + sample.bytes.length || session.more) {
        throw new Noncompliance(
          rule,
          `${sample.name} is ${sample.bytes.length} bytes; with ${show(behind)} behind it ${end - 1} were taken`,
        );
      }
    }
  }
}

/** A part of a request is never asked to wait for more bytes than the request has. */
export function needs(codec: Codec, samples: CodecSamples): void {
  const rule = "need is at most what the request still has";
  for (const sample of samples.requests) {
    for (let length = 1; length < sample.bytes.length; length++) {
      const session = freshSession(codec, samples.table);
      if (session.request(sample.bytes.slice(0, length), 0) !== null) break;
      if (session.need > sample.bytes.length) {
        throw new Noncompliance(
          rule,
          `the first ${length} bytes of ${sample.name} set need to ${session.need}, but it is ${sample.bytes.length} long: the client would wait for ever`,
        );
      }
    }
  }
}

/** A forwarded request reaches its owner as the very bytes received, and nobody else. */
export function untouched(codec: Codec, samples: CodecSamples): void {
  const rule = "a request for one owner is forwarded untouched";
  for (const sample of samples.requests) {
    if (sample.does !== "forward") continue;
    const { sent } = trace(codec, samples.table, [sample.bytes]);
    const links = [...sent].filter(([key, bytes]) => key !== "client" && bytes.length > 0);
    const owner = links.find(([key]) => key.split(/[/#]/)[0] === sample.cluster);
    if (owner === undefined || links.length > 1) {
      const met = links.map(([key]) => key).join(", ") || "nowhere";
      throw new Noncompliance(
        rule,
        `${sample.name} went to ${met}, not to ${sample.cluster ?? "(say which)"} alone`,
      );
    }
    const byOrder = codec.matching === "order";
    const link = startCodec(codec, samples.table).link({
      cluster: owner[0],
      node: "",
      shared: true,
      session: null,
    });
    const expected = byOrder ? sample.bytes : join(link.numberRequest(sample.bytes.slice(), 1));
    if (!equal(owner[1], expected)) {
      throw new Noncompliance(
        rule,
        `${sample.name}: ${show(sample.bytes)} became ${show(owner[1])}`,
      );
    }
  }
}

/** One sample in every cut does what it does whole. */
export function everyCut(codec: Codec, samples: CodecSamples): void {
  const rule = "any cut of a request does the same";
  for (const { name, bytes } of samples.requests) {
    // Long bodies are the same from byte to byte: their first and last part tell all.
    const cuts = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
    const telling = cuts.filter((cut) => cut < 300 || cut > bytes.length - 300);
    compare(rule, codec, samples.table, bytes, telling, name);
    for (const cut of telling) compare(rule, codec, samples.table, bytes, [cut], name);
  }
}

/** Pipelines of samples in random cuts do what they do whole. */
export function pipelines(codec: Codec, samples: CodecSamples, seed: number, runs: number): void {
  const rule = "any cut of a pipeline does the same";
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + run);
    const picked = Array.from({ length: 1 + random.below(12) }, () =>
      random.pick(samples.requests),
    );
    const bytes = join(picked.map((sample) => sample.bytes));
    const average = random.pick([1, 3, 20, 100]);
    const cuts = random.cuts(bytes.length, average);
    const names = picked.map(({ name }) => name).join(", ");
    compare(rule, codec, samples.table, bytes, cuts, `seed ${seed + run}: ${names}`);
  }
}

function compare(
  rule: string,
  codec: Codec,
  table: unknown,
  bytes: Uint8Array,
  cuts: readonly number[],
  name: string,
): void {
  const whole = describe(trace(codec, table, [bytes]));
  const differs = (some: readonly number[]): boolean =>
    [false, true].some(
      (reusesInput) => describe(trace(codec, table, cutAt(bytes, some), { reusesInput })) !== whole,
    );
  if (!differs(cuts)) return;
  const least = shrinkList(cuts, differs);
  const reusesInput = describe(trace(codec, table, cutAt(bytes, least))) === whole;
  const cut = describe(trace(codec, table, cutAt(bytes, least), { reusesInput }));
  throw new Noncompliance(
    rule,
    `${name}\n${show(bytes)}\ncut at ${least.join(", ")}${reusesInput ? " by a host that reuses its buffer" : ""} gives\n${cut}\nand whole\n${whole}`,
  );
}

/** Two runs of the same input are the same, and neither looks at a clock or at random numbers. */
export function deterministic(codec: Codec, samples: CodecSamples): void {
  const rule = "equal inputs give equal outputs, without clock and randomness";
  const bytes = join(samples.requests.map((sample) => sample.bytes));
  const before = describe(trace(codec, samples.table, [bytes]));
  const after = poisoned(rule, () => describe(trace(codec, samples.table, [bytes])));
  if (before !== after) throw new Noncompliance(rule, `first\n${before}\nthen\n${after}`);
}

/** Runs with the clock and the random numbers of the engine replaced by functions that throw. */
export function poisoned<T>(rule: string, act: () => T): T {
  const [clock, random] = [Date.now, Math.random];
  const poison = (name: string) => (): never => {
    throw new Noncompliance(rule, `${name} was called`);
  };
  Date.now = poison("Date.now");
  Math.random = poison("Math.random");
  try {
    return act();
  } finally {
    Date.now = clock;
    Math.random = random;
  }
}
