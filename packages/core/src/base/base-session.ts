/** What most codecs of requests and replies answer to questions that they do not care about. */
import type { RouterContext, SessionCodec } from "../codec.ts";
import { type Failure, type Forward, noReaction, type Plan, type Reaction } from "../plan.ts";

/**
 * A session without bodies that stream, pushes, moments and links of its own:
 * `request` and `failure` are left to write. `request` sets `end`, `need`,
 * `label` and `shardKeys`; override what the protocol has besides.
 */
export abstract class BaseSession implements SessionCodec {
  end = 0;
  more = false;
  need = 0;
  label = "";
  wakeAt: number = Number.POSITIVE_INFINITY;
  /** Keys of the last request: views of its bytes, or copies. */
  protected shardKeys: readonly Uint8Array[] = [];
  /** The router of the session. */
  protected readonly router: RouterContext;

  constructor(router: RouterContext) {
    this.router = router;
  }

  abstract request(bytes: Uint8Array, from: number): Plan | null;
  abstract failure(failure: Failure, plan: Forward | null): Uint8Array;

  keys(_bytes: Uint8Array): readonly Uint8Array[] {
    return this.shardKeys;
  }

  body(_bytes: Uint8Array, from: number): number {
    return from;
  }

  push(_frame: Uint8Array, _cluster: string): Reaction {
    return noReaction;
  }

  wake(): Reaction {
    return noReaction;
  }

  pinned(_cluster: string): boolean {
    return false;
  }

  lost(_cluster: string): Reaction {
    return noReaction;
  }

  closed(): void {}
}
