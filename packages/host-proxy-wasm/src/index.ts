/**
 * Écharde inside Envoy: what the Proxy-Wasm module and its bridge say to each other.
 *
 * @packageDocumentation
 */
export { type Control, decodeControl, encodeControl, type Value } from "./wire/control.ts";
export { FrameReader, frameHead, maxData, maxMessage } from "./wire/frame.ts";
