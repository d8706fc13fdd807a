/** A codec in a few words. */
import type { Codec, RouterContext, RunningCodec } from "../codec.ts";

/**
 * A codec with the usual values: replies matched and given in the order of the
 * requests, no hash tag, a host that fans out and has private links and timers. `more` says what
 * is other than usual.
 */
export function defineCodec(
  name: string,
  start: (router: RouterContext) => RunningCodec,
  more: Partial<Codec> = {},
): Codec {
  return {
    name,
    matching: "order",
    ordering: "in-order",
    needs: ["fanOut", "privateLinks", "timers"],
    hashTag: null,
    start,
    ...more,
  };
}
