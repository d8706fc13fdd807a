import type { Codec, RouterContext } from "@echarde/core";
import { InfluxLink } from "./link.ts";
import { type InfluxOptions, influxOptions } from "./options.ts";
import { InfluxSession } from "./session.ts";

/**
 * The InfluxDB 1.x codec. `options` given here win over those of the routing
 * table. Throws `ConfigError` for options that cannot be.
 */
export function influx(options: Partial<InfluxOptions> = {}): Codec {
  return {
    name: "influx",
    matching: "order",
    ordering: "in-order",
    needs: ["fanOut", "privateLinks", "timers"],
    hashTag: null,
    start: (router: RouterContext) => {
      const all = influxOptions({ ...router.table.options, ...options });
      return {
        session: (context) => new InfluxSession(router, context, all),
        link: () => new InfluxLink(),
      };
    },
  };
}
