/**
 * Écharde inside Envoy: configurations with the Proxy-Wasm module in them, and what the module and
 * its bridge say to each other.
 *
 * @packageDocumentation
 */
export type { BridgeTls } from "./emit/bridge-tls.ts";
export { type ComposeOptions, composeFile } from "./emit/compose.ts";
export { type EmitOptions, type EnvoyRoute, envoyBootstrap, envoyEcds } from "./emit/envoy.ts";
export { type IstioOptions, istioResources } from "./emit/istio.ts";
export type { Data } from "./emit/parts.ts";
export { type RedisProxy, redisProxy } from "./emit/redis-proxy.ts";
export { stickyProtocols } from "./sticky-protocols.ts";
export { type Control, decodeControl, encodeControl, type Value } from "./wire/control.ts";
export { FrameReader, frameHead, maxData, maxMessage } from "./wire/frame.ts";
