/** Envoy's own redis_proxy for the tables that it can express: a way out, without the module. */
import type { PrefixRuleSpec, TableSpec } from "@echarde/core";
import type { EmitOptions } from "./envoy.ts";
import { cluster, type Data, socketAddress, typed } from "./parts.ts";

/** The bootstrap, or why the table has none. */
export type RedisProxy =
  | { readonly bootstrap: Data; readonly why: null }
  | { readonly bootstrap: null; readonly why: string };

/** Prefix rules and a default cluster; what such a proxy does not do (SCAN, several databases, blocking commands) it does not. */
export function redisProxy(options: EmitOptions): RedisProxy {
  const { table, listen, admin } = options;
  const prefixes = prefixesOf(table);
  if (typeof prefixes === "string") return { bootstrap: null, why: prefixes };
  const names = Object.keys(table.clusters ?? {});
  const rest = table.defaultCluster;
  if (rest === undefined) return { bootstrap: null, why: "the table has no defaultCluster" };
  const filter = {
    name: "envoy.filters.network.redis_proxy",
    typed_config: typed("envoy.extensions.filters.network.redis_proxy.v3.RedisProxy", {
      stat_prefix: "redis",
      settings: { op_timeout: "5s" },
      prefix_routes: {
        routes: prefixes.map(([prefix, name]) => ({ prefix, cluster: name })),
        catch_all_route: { cluster: rest },
      },
    }),
  };
  const bootstrap = {
    ...(admin === undefined ? {} : { admin: { address: socketAddress(admin) } }),
    static_resources: {
      listeners: [
        { name: "redis", address: socketAddress(listen), filter_chains: [{ filters: [filter] }] },
      ],
      clusters: names.map((name) => cluster(name, table.clusters?.[name]?.endpoints ?? [])),
    },
  };
  return { bootstrap, why: null };
}

/** Prefixes with their cluster, or why there are none. */
function prefixesOf(table: TableSpec): readonly (readonly [string, string])[] | string {
  const found: (readonly [string, string])[] = [];
  for (const [prefix, { type, cluster: owner }] of Object.entries(table.routingTable ?? {})) {
    if (type !== "prefix") return `rule ${JSON.stringify(prefix)} is for one key`;
    found.push([prefix, owner]);
  }
  for (const [index, rule] of (table.routes ?? []).entries()) {
    if (!("prefix" in rule) || !("cluster" in rule)) return `rule ${index} is no prefix rule`;
    const { prefix, cluster: owner } = rule as PrefixRuleSpec;
    if (typeof prefix !== "string") return `rule ${index} has a prefix that is no text`;
    found.push([prefix, owner]);
  }
  return found;
}
