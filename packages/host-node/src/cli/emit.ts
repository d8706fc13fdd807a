import type { TableSpec } from "@echarde/core";
import {
  composeFile,
  type EmitOptions,
  type EnvoyRoute,
  envoyBootstrap,
  envoyEcds,
  istioResources,
  redisProxy,
  stickyProtocols,
} from "@echarde/host-proxy-wasm";
import { stringify } from "yaml";
import { type Address, formatAddress } from "../address.ts";
import { loadConfig } from "../config/load.ts";
import { exitCodes } from "./exit-codes.ts";
import { type Output, report } from "./output.ts";
import { readSourceRules } from "./source-rules.ts";

/** What `echarde emit` can write. */
export const emitKinds = ["envoy", "ecds", "istio", "compose", "redis-proxy"] as const;

/** One of {@link emitKinds}. */
export type EmitKind = (typeof emitKinds)[number];

/** Routes of `--route`. */
export const emitRoutes: readonly EnvoyRoute[] = ["frame", "grpc", "router", "sticky"];

/** Options of `echarde emit`. */
export interface EmitCommand {
  /** Way of the bytes. */
  readonly route: EnvoyRoute;
  /** Path of the module where Envoy runs. */
  readonly module: string;
  /** Where clients connect. */
  readonly listen: Address;
  /** Where the bridge listens, or the router. */
  readonly bridge?: Address;
  /** Folder of Envoy's certificates for it. */
  readonly bridgeTls?: string;
  /** Name that its certificate must bear. */
  readonly bridgeName?: string;
  /** Envoy's admin. */
  readonly admin?: Address;
  /** File of the filter's configuration, for live changes. */
  readonly ecds?: string;
  /** Name of the filter. */
  readonly name?: string;
  /** Kubernetes namespace. */
  readonly namespace?: string;
  /** File of the source rules of the sticky route. */
  readonly sources?: string;
}

/** `echarde emit KIND FILE`: writes a configuration made from the routing table. Resolves with the exit code. */
export async function emit(
  kind: EmitKind,
  file: string,
  options: EmitCommand,
  output: Output,
): Promise<number> {
  const loaded = await loadConfig(file);
  if (!report(file, loaded, output)) return exitCodes.config;
  const { bridge, admin, ecds, name, namespace, route, module } = options;
  const protocol = loaded.config.protocol.codec.name;
  if (route === "sticky" && !stickyProtocols.includes(protocol)) {
    const known = stickyProtocols.join(", ");
    output.err(`echarde: --route sticky is for ${known} alone; ${protocol} needs frame or grpc`);
    return exitCodes.config;
  }
  if (route === "router" && (kind === "ecds" || ecds !== undefined)) {
    output.err("echarde: --route router has no filter to discover: the router follows its file");
    return exitCodes.usage;
  }
  if (options.sources !== undefined && route !== "sticky") {
    output.err("echarde: --sources goes with --route sticky");
    return exitCodes.usage;
  }
  const { clusters = {} } = loaded.config.data as TableSpec;
  const sources =
    options.sources === undefined ? null : readSourceRules(options.sources, Object.keys(clusters));
  if (sources !== null && "problem" in sources) {
    output.err(`echarde: ${sources.problem}`);
    return exitCodes.config;
  }
  const wrong = tlsFault(kind, options, loaded.config.data);
  if (wrong !== "") {
    output.err(`echarde: ${wrong}`);
    return exitCodes.usage;
  }
  const { bridgeTls: folder, bridgeName } = options;
  const made: EmitOptions = {
    ...{ table: loaded.config.data as TableSpec, route, module },
    listen: formatAddress(options.listen),
    ...(bridge === undefined ? {} : { bridge: formatAddress(bridge) }),
    ...(folder === undefined
      ? {}
      : { bridgeTls: { folder, ...(bridgeName === undefined ? {} : { name: bridgeName }) } }),
    ...(admin === undefined ? {} : { admin: formatAddress(admin) }),
    ...(ecds === undefined ? {} : { ecdsFile: ecds }),
    ...(name === undefined ? {} : { name }),
    ...(sources === null ? {} : { sources: sources.rules }),
  };
  switch (kind) {
    case "envoy":
      output.out(JSON.stringify(envoyBootstrap(made), null, 2));
      return exitCodes.ok;
    case "ecds":
      output.out(JSON.stringify(envoyEcds(made, new Date().toISOString()), null, 2));
      return exitCodes.ok;
    case "istio": {
      const port = options.listen.type === "tcp" ? options.listen.port : 0;
      const place = namespace === undefined ? {} : { namespace };
      const resources = istioResources({ ...made, ...place, port });
      output.out(
        resources
          .map((each) => stringify(each))
          .join("---\n")
          .trimEnd(),
      );
      return exitCodes.ok;
    }
    case "compose":
      output.out(stringify(composeFile({ ...made, file: file.replace(/^.*\//, "") })).trimEnd());
      return exitCodes.ok;
    case "redis-proxy": {
      const { bootstrap, why } = redisProxy(made);
      if (bootstrap !== null) output.out(JSON.stringify(bootstrap, null, 2));
      else output.err(`echarde: redis_proxy cannot do what the table says: ${why}`);
      return bootstrap !== null ? exitCodes.ok : exitCodes.config;
    }
  }
}

/** Why Envoy and what runs beside it could not speak with each other, "" = they can. */
function tlsFault(
  kind: EmitKind,
  options: EmitCommand,
  file: Readonly<Record<string, unknown>>,
): string {
  const { bridge, bridgeName, bridgeTls, route } = options;
  const asked = bridgeTls !== undefined;
  if (!asked && bridgeName !== undefined) return "--bridge-name goes with --bridge-tls";
  if (asked && (kind !== "envoy" || route === "sticky")) {
    return "--bridge-tls is for envoy, and for routes with something beside it";
  }
  if (asked && bridge?.type === "unix" && bridgeName === undefined) {
    return "a socket's path is no name: --bridge-name says which one its certificate must bear";
  }
  const connects =
    (kind === "envoy" || kind === "istio" || kind === "compose") && route !== "sticky";
  const speaks = file["tls"] !== undefined && file["tls"] !== null;
  if (!connects || asked === speaks) return "";
  if (asked) return "--bridge-tls, but the file has no `tls` for what listens there";
  const how = kind === "envoy" ? "give --bridge-tls" : "take it out for a side-car on loopback";
  return `the file has \`tls\`, Envoy would speak without it: ${how}`;
}
