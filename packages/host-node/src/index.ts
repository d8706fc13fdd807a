/**
 * Runs a router on Node: listeners, upstream connections, configuration.
 *
 * @packageDocumentation
 */
export {
  type Address,
  formatAddress,
  parseAddress,
  parseListenAddress,
  type TcpAddress,
  type UnixAddress,
  type WebSocketAddress,
} from "./address.ts";
export { type Bridge, type BridgeOptions, startBridge } from "./bridge/bridge.ts";
export type { BridgeStats } from "./bridge/bridge-core.ts";
export type {
  BytesSpec,
  HostSpec,
  LimitsSpec,
  TimeoutsSpec,
  TimeSpec,
} from "./config/host-settings.ts";
export type { AdminSpec, LogLevel, LogSpec, TracingSpec } from "./config/operating.ts";
export { latencyPercentile } from "./latency.ts";
export { type NodeSocketOptions, nodeSockets } from "./node-sockets.ts";
export type { Log } from "./operate/log.ts";
export type { AskHandler } from "./router-loop.ts";
export { hashPassword } from "./security/password-hash.ts";
export type {
  AuthSpec,
  ClusterAuthSpec,
  ClusterTlsSpec,
  ListenTlsSpec,
  NamedCertificateSpec,
  UserSpec,
} from "./security/spec.ts";
export {
  type CloseOptions,
  type CloseReport,
  createShardServer,
  type ServerStats,
  type ShardServer,
  type ShardServerOptions,
} from "./shard-server.ts";
export type {
  DialTls,
  KeyPair,
  Listener,
  ListenTls,
  Socket,
  SocketEvents,
  Sockets,
} from "./sockets.ts";
