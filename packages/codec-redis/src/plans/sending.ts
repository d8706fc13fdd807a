/** Makers of plans. Forwards are made once for each cluster and table. */
import type { Forward, Fragment, Journal, Lane, NextPlan, Part, Reply } from "@echarde/core";
import { failureReply, frameOf } from "../failures.ts";

/** What the framer of a link is told of a reply. */
export const expects = { reply: 0, subscription: 1 } as const;

/** Options of {@link fragment} other than the usual. */
export interface FragmentOptions {
  /** Later requests wait. */
  readonly hold?: boolean;
  /** As in `Sending`. */
  readonly timeout?: number;
  /** Lanes of other settings. */
  readonly journal?: Journal;
}

/** One packet for a cluster. */
export function part(
  cluster: number,
  lane: Lane,
  bytes: readonly Uint8Array[],
  frames = 1,
  expect: number = expects.reply,
): Part {
  return { cluster, node: "", lane, bytes, frames, expect, id: -1 };
}

/** A split request. */
export function fragment(
  parts: readonly Part[],
  coalesce: (replies: readonly Reply[]) => NextPlan,
  options: FragmentOptions = {},
): Fragment {
  return {
    type: "fragment",
    parts,
    coalesce,
    journal: options.journal ?? null,
    carries: null,
    hold: options.hold ?? false,
    silent: false,
    timeout: options.timeout ?? -1,
  };
}

/** One packet whose last reply frame is the answer as it is. */
export function passThrough(one: Part, options: FragmentOptions = {}): Fragment {
  return fragment([one], ([reply]) => answerOf(reply), options);
}

/** The last frame of a reply as the answer, or its failure. */
export function answerOf(reply: Reply | undefined): NextPlan {
  const frame = frameOf(reply);
  if (frame !== null) return { type: "local", bytes: [frame], end: false, release: false };
  const failure = reply?.failure;
  return {
    type: "refuse",
    bytes: failure == null ? [] : [failureReply(failure)],
    end: false,
  };
}

/** The forward to a cluster. */
export function forward(cluster: number, lane: Lane, timeout = -1, hold = false): Forward {
  return {
    type: "forward",
    cluster,
    node: "",
    lane,
    frames: 1,
    expect: expects.reply,
    id: -1,
    hold,
    silent: false,
    timeout,
  };
}

/** Forwards by cluster, one set for each lane. */
export class Forwards {
  readonly #shared: Forward[];
  readonly #own: Forward[];

  constructor(clusters: number) {
    this.#shared = Array.from({ length: clusters }, (_, cluster) => forward(cluster, "shared"));
    this.#own = Array.from({ length: clusters }, (_, cluster) => forward(cluster, "private"));
  }

  /** On the shared lane. */
  shared(cluster: number): Forward {
    return this.#shared[cluster] as Forward;
  }

  /** On the session's own lane. */
  own(cluster: number): Forward {
    return this.#own[cluster] as Forward;
  }
}
