/** Pieces of Envoy configurations. */

/** Plain data, as JSON has it. */
export type Data = Readonly<Record<string, unknown>>;

/** Where a side-car finds its neighbours. */
export const loopback = "127.0.0.1";

/** A message with its type, as `Any` fields want it. */
export function typed(type: string, data: Data): Data {
  return { "@type": `type.googleapis.com/${type}`, ...data };
}

/** `host:port`, `[v6]:port` or `unix:/path` as Envoy's address. */
export function socketAddress(address: string): Data {
  if (address.startsWith("unix:")) return { pipe: { path: address.slice(5) } };
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  return { socket_address: { address: host, port_value: Number(address.slice(colon + 1)) } };
}

/** More connections, or streams, than one Envoy has. */
const most = 1_000_000;

/** An Envoy cluster of these addresses, tried in order. */
export function cluster(name: string, endpoints: readonly string[], http2 = false): Data {
  const addresses = endpoints.map(socketAddress);
  const numeric = endpoints.every((each) => /^(unix:|[\d.]+:|\[)/.test(each));
  return {
    name,
    type: numeric ? "STATIC" : "STRICT_DNS",
    connect_timeout: "5s", // clients that come together wait for each other
    // Envoy's own bounds of 1,024 would close the connections of further clients.
    circuit_breakers: {
      thresholds: [{ max_connections: most, max_pending_requests: most, max_requests: most }],
    },
    load_assignment: {
      cluster_name: name,
      endpoints: addresses.map((address, priority) => ({
        ...(priority > 0 ? { priority } : {}),
        lb_endpoints: [{ endpoint: { address } }],
      })),
    },
    ...(http2
      ? {
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
              "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              { explicit_http_config: { http2_protocol_options: {} } },
            ),
          },
        }
      : {}),
  };
}
