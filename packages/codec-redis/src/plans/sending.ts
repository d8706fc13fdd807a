/** Makers of plans. Forwards are made once for each cluster and table. */
import * as core from "@echarde/core";
import {
  type Forward,
  type Fragment,
  fragment,
  type Lane,
  type NextPlan,
  type Part,
  type Reply,
} from "@echarde/core";
import { failureReply, frameOf } from "../failures.ts";

export { fragment } from "@echarde/core";

/** What the framer of a link is told of a reply. */
export const expects = { reply: 0, subscription: 1 } as const;

/** One packet for a cluster. */
export function part(
  cluster: number,
  lane: Lane,
  bytes: readonly Uint8Array[],
  frames = 1,
  expect: number = expects.reply,
): Part {
  return core.part(cluster, bytes, { lane, frames, expect });
}

/** One packet whose last reply frame is the answer as it is. */
export function passThrough(one: Part, more: Partial<Fragment> = {}): Fragment {
  return fragment([one], ([reply]) => answerOf(reply), more);
}

/** The last frame of a reply as the answer, or its failure. */
export function answerOf(reply: Reply | undefined): NextPlan {
  const frame = frameOf(reply);
  if (frame !== null) return core.local(frame);
  const failure = reply?.failure;
  return core.refuse(failure == null ? [] : failureReply(failure));
}

/** The forward to a cluster. */
export function forward(cluster: number, lane: Lane, timeout = -1, hold = false): Forward {
  return core.forward(cluster, { lane, timeout, hold });
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
