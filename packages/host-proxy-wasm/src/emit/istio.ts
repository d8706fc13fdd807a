/** Istio and Kubernetes resources with the module in them, as plain data. */
import type { TableSpec } from "@echarde/core";
import {
  besideCommand,
  besideOf,
  clustersOf,
  type EmitOptions,
  nameOf,
  tcpProxy,
  wasmFilter,
} from "./envoy.ts";
import type { Data } from "./parts.ts";

/** What the resources are made from. */
export interface IstioOptions extends EmitOptions {
  /** Namespace of the workload. Default: `default`. */
  readonly namespace?: string;
  /** Labels of the workload whose traffic is meant. Default: `app: <name>`. */
  readonly workload?: Readonly<Record<string, string>>;
  /** Port that clients of the workload use. */
  readonly port: number;
  /** Image of the bridge. */
  readonly bridgeImage?: string;
}

/**
 * A ConfigMap with the table, an EnvoyFilter that puts the module (mounted into the proxy) before
 * the workload's outbound connections to the port, and a Deployment that shows the bridge as a
 * side-car. The sticky route needs no bridge; the route `router` has the router there, and no module.
 */
export function istioResources(options: IstioOptions): readonly Data[] {
  const { table, route, namespace = "default", port } = options;
  const name = `echarde-${nameOf(options)}`;
  const workload = options.workload ?? { app: nameOf(options) };
  const metadata = { name, namespace };
  const module = { name: nameOf(options), typed_config: wasmFilter(options) };
  const filter: Data = {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata,
    spec: {
      workloadSelector: { labels: workload },
      configPatches: [
        ...clustersOf(options).map((value) => ({
          applyTo: "CLUSTER",
          match: { context: "SIDECAR_OUTBOUND" },
          patch: { operation: "ADD", value },
        })),
        ...(route === "router" ? [] : [filterPatch(port, "INSERT_BEFORE", module)]),
        filterPatch(port, "REPLACE", tcpProxy(options)),
      ],
    },
  };
  const map: Data = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: { "echarde.json": JSON.stringify(tableText(table), null, 2) },
  };
  const resources = [map, filter];
  if (route !== "sticky") resources.push(deployment(options, metadata, workload));
  return resources;
}

/** Istio's own tcp_proxy on the way to the port is where ours stands. */
function filterPatch(portNumber: number, operation: string, value: Data): Data {
  return {
    applyTo: "NETWORK_FILTER",
    match: {
      context: "SIDECAR_OUTBOUND",
      listener: {
        portNumber,
        filterChain: { filter: { name: "envoy.filters.network.tcp_proxy" } },
      },
    },
    patch: { operation, value },
  };
}

function deployment(
  options: IstioOptions,
  metadata: Data,
  labels: Readonly<Record<string, string>>,
): Data {
  const image = options.bridgeImage ?? "echarde:latest";
  const command = besideCommand(options, "/etc/echarde/echarde.json");
  const isBridge = options.route !== "router";
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          ...(isBridge ? { annotations: moduleVolume(options) } : {}),
        },
        spec: {
          containers: [
            {
              name: besideOf(options),
              image,
              args: isBridge ? [...command, "--admin", "127.0.0.1:9913"] : command,
              volumeMounts: [{ name: "echarde", mountPath: "/etc/echarde", readOnly: true }],
            },
          ],
          volumes: [{ name: "echarde", configMap: { name: metadata["name"] } }],
        },
      },
    },
  };
}

/** Has the module mounted into Istio's proxy. */
function moduleVolume({ module }: EmitOptions): Data {
  const name = "echarde-module";
  return {
    "sidecar.istio.io/userVolume": JSON.stringify([{ name, configMap: { name } }]),
    "sidecar.istio.io/userVolumeMount": JSON.stringify([
      { name, mountPath: folderOf(module), readonly: true },
    ]),
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function tableText(table: TableSpec): Data {
  return { ...table };
}
