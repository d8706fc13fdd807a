import type { Codec } from "@echarde/core";
import { requestClasses } from "./access/access.ts";
import type { KafkaOptions } from "./options.ts";
import { KafkaRuntime } from "./runtime.ts";

/**
 * The Kafka codec. `options` given here win over those of the routing table; `advertised` must be in one of
 * them. Throws `ConfigError` for options that cannot be.
 */
export function kafka(options: Partial<KafkaOptions> = {}): Codec {
  return {
    name: "kafka",
    matching: "id",
    ordering: "in-order",
    needs: ["fanOut", "privateLinks", "timers"],
    hashTag: null,
    requestClasses: { all: requestClasses, routed: requestClasses },
    start: (router) => new KafkaRuntime(router, { ...options }),
  };
}
