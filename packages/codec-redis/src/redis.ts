import { braceTag, type Codec, type RouterContext } from "@echarde/core";
import { commandClasses, routedClasses } from "./access.ts";
import { type RedisOptions, redisOptions } from "./options.ts";
import { RedisRuntime } from "./runtime.ts";

/**
 * The Redis codec. `options` given here win over those of the routing table.
 * Throws `ConfigError` for options that cannot be. Works with any host that
 * opens several connections; pub/sub also needs `unsolicitedReply`.
 */
export function redis(options: Partial<RedisOptions> = {}): Codec {
  return {
    name: "redis",
    matching: "order",
    ordering: "in-order",
    needs: ["fanOut", "unsolicitedReply", "privateLinks", "timers"],
    hashTag: braceTag(123, 125),
    requestClasses: { all: commandClasses, routed: routedClasses },
    start: (router: RouterContext) =>
      new RedisRuntime(router, redisOptions({ ...router.table.options, ...options })),
  };
}
