import { type RunningProgram, startEnvoy } from "@echarde/testkit/servers";

const host = "127.0.0.1";

/** An endpoint of a cluster in Envoy's words. */
function endpoint(port: number): unknown {
  return { endpoint: { address: { socket_address: { address: host, port_value: port } } } };
}

/**
 * Envoy's redis_proxy over these servers, with one worker thread: maglev over the hosts of one
 * cluster, hash tags on, no statistics of commands.
 */
export function startRedisProxy(ports: readonly number[]): Promise<RunningProgram> {
  return startEnvoy({
    bootstrap: ({ port, adminPort }) => ({
      admin: { address: { socket_address: { address: host, port_value: adminPort } } },
      static_resources: {
        listeners: [
          {
            name: "redis",
            address: { socket_address: { address: host, port_value: port } },
            filter_chains: [
              {
                filters: [
                  {
                    name: "envoy.filters.network.redis_proxy",
                    typed_config: {
                      "@type":
                        "type.googleapis.com/envoy.extensions.filters.network.redis_proxy.v3.RedisProxy",
                      stat_prefix: "redis",
                      settings: { op_timeout: "5s", enable_hashtagging: true },
                      prefix_routes: { catch_all_route: { cluster: "redis" } },
                    },
                  },
                ],
              },
            ],
          },
        ],
        clusters: [
          {
            name: "redis",
            type: "STATIC",
            connect_timeout: "1s",
            lb_policy: "MAGLEV",
            load_assignment: {
              cluster_name: "redis",
              endpoints: [{ lb_endpoints: ports.map(endpoint) }],
            },
          },
        ],
      },
    }),
  });
}
