/**
 * Conformance kit for codecs: the rules that every codec keeps, a network in
 * virtual time, and a comparison of two systems. Pure; `./servers` is not.
 *
 * @packageDocumentation
 */
export {
  type ComplianceCheck,
  type ComplianceOptions,
  codecCompliance,
} from "./compliance.ts";
export {
  type Comparison,
  Difference,
  type DifferentialOptions,
  differential,
  type Side,
} from "./differential.ts";
export {
  askDirectly,
  type ModelServer,
  type ServerAt,
  type ServerOutput,
} from "./model-server.ts";
export { correlation } from "./models/correlation.ts";
export { type CorrelationNode, CorrelationServer } from "./models/correlation-server.ts";
export { fifo } from "./models/fifo.ts";
export { FifoServer } from "./models/fifo-server.ts";
export { packetId } from "./models/packet-id.ts";
export { PacketIdServer } from "./models/packet-id-server.ts";
export { RedisModel } from "./models/redis-server.ts";
export {
  correlationSamples,
  fifoSamples,
  modelTable,
  packetIdSamples,
  streamedAloneSamples,
  streamedSamples,
} from "./models/samples.ts";
export { streamed } from "./models/streamed.ts";
export { StreamedServer } from "./models/streamed-server.ts";
export { Net, type NetOptions } from "./net.ts";
export { type ClientControls, NetClient } from "./net-client.ts";
export { NetError } from "./net-run.ts";
export { Noncompliance } from "./noncompliance.ts";
export { Random } from "./random.ts";
export type {
  CodecSamples,
  ModelRequest,
  ReplySample,
  RequestSample,
  ServerSamples,
} from "./samples.ts";
export { shrinkList, shrinkListAsync } from "./shrink.ts";
export { cutAt, equal, latin1, show, textOf } from "./text.ts";
export { type Trace, trace } from "./trace.ts";
export { fairWeather, foulWeather, heavyWeather, type Weather } from "./weather.ts";
