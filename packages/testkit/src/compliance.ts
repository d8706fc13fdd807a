/**
 * The rules that every codec keeps, as plain functions: run them with any
 * test runner. A broken rule is thrown as a {@link Noncompliance} that shows
 * the least input found and the seed to find it again.
 */
import type { Codec } from "@echarde/core";
import * as garbage from "./checks/garbage.ts";
import * as replies from "./checks/replies.ts";
import * as requests from "./checks/requests.ts";
import * as servers from "./checks/servers.ts";
import { Noncompliance, wordsOf } from "./noncompliance.ts";
import type { CodecSamples } from "./samples.ts";

/** One rule. */
export interface ComplianceCheck {
  /** The rule in words. */
  readonly name: string;
  /** Throws when it is broken. */
  run(): void;
}

/** How long and with which numbers to run. */
export interface ComplianceOptions {
  /** First seed of the random rules; 1 unless given. Run `n` of a rule uses `seed + n`. */
  readonly seed?: number;
  /** Random runs of each rule; 200 unless given. To replay, give the seed of the message and 1. */
  readonly runs?: number;
}

/** All rules for a codec. */
export function codecCompliance(
  codec: Codec,
  samples: CodecSamples,
  options: ComplianceOptions = {},
): readonly ComplianceCheck[] {
  const { seed = 1, runs = 200 } = options;
  const checks: [string, () => void][] = [
    ["a request gives its plan and ends where it ends", () => requests.plans(codec, samples)],
    ["need is at most what the request still has", () => requests.needs(codec, samples)],
    ["a request for one owner is forwarded untouched", () => requests.untouched(codec, samples)],
    ["any cut of a request does the same", () => requests.everyCut(codec, samples)],
    ["any cut of a pipeline does the same", () => requests.pipelines(codec, samples, seed, runs)],
    ["equal inputs give equal outputs", () => requests.deterministic(codec, samples)],
    ["bad bytes are refused with an end", () => garbage.refused(codec, samples)],
    [
      "garbage never throws and is never hoarded",
      () => garbage.anything(codec, samples, seed, runs),
    ],
    ["no request is held beyond maxRequest", () => garbage.limited(codec, samples)],
    ["replies are framed the same in any cut", () => replies.framing(codec, samples, seed, runs)],
    [
      "garbage of an upstream never throws",
      () => replies.garbageReplies(codec, samples, seed, runs),
    ],
  ];
  if (samples.servers !== undefined) {
    checks.push(
      [
        "router and servers answer as one server",
        () => servers.oneServer(codec, samples, seed, runs),
      ],
      [
        "each request has one outcome when links fail",
        () => servers.faults(codec, samples, seed, runs),
      ],
    );
  }
  return checks.map(([name, check]) => ({
    name,
    run: () => {
      try {
        requests.poisoned(name, check);
      } catch (error) {
        // What a codec throws itself breaks the rule, too.
        throw error instanceof Noncompliance
          ? error
          : new Noncompliance(name, wordsOf(error), error);
      }
    },
  }));
}
