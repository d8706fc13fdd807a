/** Envoy configurations with the module in them, as plain data, from one routing table. */
import type { TableSpec } from "@echarde/core";
import { type BridgeTls, tlsSocket } from "./bridge-tls.ts";
import { cluster, type Data, loopback, socketAddress, typed } from "./parts.ts";

/** The route that bytes take; see docs/envoy.md. `router` is without the module: a router beside Envoy. */
export type EnvoyRoute = "frame" | "grpc" | "router" | "sticky";

/** What a configuration is made from. */
export interface EmitOptions {
  /** The routing table, or a whole configuration with one in it. */
  readonly table: TableSpec;
  /** Names the filter, its statistics and its listener. Default: the protocol. */
  readonly name?: string;
  /** See {@link EnvoyRoute}. */
  readonly route: EnvoyRoute;
  /** Path of the module; unused by the route `router`. */
  readonly module: string;
  /** Where clients connect, `host:port`. */
  readonly listen: string;
  /** Where the bridge listens, or the router, `host:port`; unused by the sticky route. */
  readonly bridge?: string;
  /** How Envoy speaks TLS with it; unused by the sticky route. Default: it does not. */
  readonly bridgeTls?: BridgeTls;
  /** Envoy's admin, `host:port`. Default: none. */
  readonly admin?: string;
  /** File that holds the filter's configuration, so that it can change while Envoy runs; without it the filter stands in the listener. */
  readonly ecdsFile?: string;
  /** Bounds of one connection, in the words of core's limits. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Sticky route: clusters of connections without a key. */
  readonly sources?: unknown;
}

/** A complete bootstrap. */
export function envoyBootstrap(options: EmitOptions): Data {
  const { admin, listen, route } = options;
  const filters = route === "router" ? [] : [filterEntry(options)];
  return {
    node: { id: nameOf(options), cluster: nameOf(options) },
    ...(admin === undefined ? {} : { admin: { address: socketAddress(admin) } }),
    static_resources: {
      listeners: [
        {
          name: nameOf(options),
          address: socketAddress(listen),
          filter_chains: [{ filters: [...filters, tcpProxy(options)] }],
        },
      ],
      clusters: clustersOf(options),
    },
  };
}

/** Where Envoy connects to. */
export function clustersOf(options: EmitOptions): readonly Data[] {
  const { bridgeTls, route, table } = options;
  if (route !== "sticky") {
    const address = bridgeOf(options);
    const http2 = route === "grpc";
    const beside = cluster(besideOf(options), [address], http2);
    if (bridgeTls === undefined) return [beside];
    return [{ ...beside, transport_socket: tlsSocket(bridgeTls, address, http2) }];
  }
  const all = Object.entries(table.clusters ?? {});
  return all.map(([name, { endpoints }]) => cluster(name, endpoints));
}

/** The filter's configuration as a file that Envoy follows (ECDS): replace it by a rename. */
export function envoyEcds(options: EmitOptions, version: string): Data {
  return {
    version_info: version,
    resources: [
      typed("envoy.config.core.v3.TypedExtensionConfig", {
        name: nameOf(options),
        typed_config: wasmFilter(options),
      }),
    ],
  };
}

/** The filter: the module and its plug-in configuration. */
export function wasmFilter(options: EmitOptions): Data {
  const { table, module } = options;
  return typed("envoy.extensions.filters.network.wasm.v3.Wasm", {
    config: {
      name: nameOf(options),
      root_id: "echarde",
      failure_policy: "FAIL_RELOAD",
      vm_config: {
        vm_id: "echarde",
        runtime: "envoy.wasm.runtime.v8",
        code: { local: { filename: module } },
      },
      configuration: typed("google.protobuf.StringValue", {
        value: JSON.stringify({
          name: nameOf(options),
          route: options.route === "sticky" ? "sticky" : "frame",
          table: tableOf(table),
          ...(options.limits === undefined ? {} : { limits: options.limits }),
          ...(options.sources === undefined ? {} : { sources: options.sources }),
        }),
      }),
    },
  });
}

/** The filter behind ours: it owns the connection to the bridge or router, or to the one cluster. */
export function tcpProxy(options: EmitOptions): Data {
  const { route, table } = options;
  const local = table.localCluster ?? table.defaultCluster ?? Object.keys(table.clusters ?? {})[0];
  return {
    name: "envoy.filters.network.tcp_proxy",
    typed_config: typed("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", {
      stat_prefix: nameOf(options),
      cluster: route === "sticky" ? local : besideOf(options),
      idle_timeout: "0s", // the servers and the client know when a connection is of no use
      ...(route === "sticky"
        ? { upstream_connect_mode: "ON_DOWNSTREAM_DATA", max_early_data_bytes: 65_536 }
        : {}),
      ...(route === "grpc" ? { tunneling_config: tunnel } : {}),
    }),
  };
}

/** Name of the filter. */
export function nameOf({ name, table }: EmitOptions): string {
  return name ?? (table.protocol || "echarde");
}

/** Name of what runs beside Envoy, as a cluster and as a container. */
export function besideOf({ route }: EmitOptions): string {
  return route === "router" ? "echarde-router" : "echarde-bridge";
}

/** Where that listens. */
function bridgeOf({ bridge, route }: EmitOptions): string {
  const port = route === "router" ? 9910 : route === "grpc" ? 9912 : 9911;
  return bridge ?? `${loopback}:${port}`;
}

/** Its command, with the configuration in a file of this path. */
export function besideCommand(options: EmitOptions, file: string): readonly string[] {
  const { route } = options;
  const address = bridgeOf(options);
  if (route === "router") return ["run", file, "--listen", address];
  return ["bridge", file, route === "grpc" ? "--grpc" : "--listen", address];
}

const tunnel: Data = {
  hostname: "bridge",
  use_post: true,
  post_path: "/echarde.Bridge/Pipe",
  headers_to_add: [header("content-type", "application/grpc"), header("te", "trailers")],
};

function header(key: string, value: string): Data {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
}

function filterEntry(options: EmitOptions): Data {
  const name = nameOf(options);
  const { ecdsFile } = options;
  if (ecdsFile === undefined) return { name, typed_config: wasmFilter(options) };
  return {
    name,
    config_discovery: {
      config_source: {
        path_config_source: { path: ecdsFile },
        resource_api_version: "V3",
      },
      type_urls: ["type.googleapis.com/envoy.extensions.filters.network.wasm.v3.Wasm"],
    },
  };
}

/** The keys that the module knows: what is the host's (listeners, secrets) stays outside. */
function tableOf(table: TableSpec): Data {
  const clusters = Object.entries(table.clusters ?? {}).map(
    ([name, { endpoints }]) => [name, { endpoints }] as const,
  );
  const kept: Record<string, unknown> = {};
  for (const key of tableKeys) if (table[key] !== undefined) kept[key] = table[key];
  return { ...kept, ...(clusters.length > 0 ? { clusters: Object.fromEntries(clusters) } : {}) };
}

const tableKeys = [
  ...(["protocol", "defaultCluster", "localCluster", "routes", "routingTable"] as const),
  "options",
] as const;
