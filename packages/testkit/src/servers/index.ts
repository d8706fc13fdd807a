/**
 * Real servers for tests and benchmarks, and tools to treat them badly. Node only.
 *
 * @packageDocumentation
 */

export { type EnvoyOptions, type EnvoyServer, startEnvoy } from "./envoy.ts";
export { type InfluxdOptions, type InfluxdServer, startInfluxd } from "./influxd.ts";
export { type KafkaOptions, type KafkaServer, startKafka } from "./kafka.ts";
export { type KafkaVersion, kafkaJars, kafkaVersions, skipWithoutKafka } from "./kafka-jars.ts";
export { type MemcachedOptions, type MemcachedServer, startMemcached } from "./memcached.ts";
export { type MosquittoOptions, type MosquittoServer, startMosquitto } from "./mosquitto.ts";
export { type NutcrackerOptions, type NutcrackerServer, startNutcracker } from "./nutcracker.ts";
export { type PipeOptions, startPipe } from "./pipe.ts";
export { freePort } from "./ports.ts";
export { type ProgramSpec, type RunningProgram, startProgram } from "./program.ts";
export { available, required, skipWithout } from "./programs.ts";
export { connectRaw, type RawClient } from "./raw.ts";
export { answersPing, type RedisOptions, type RedisServer, startRedis } from "./redis-server.ts";
export {
  type Relay,
  type RelayDirection,
  type RelayFault,
  type RelayFaults,
  type RelayOptions,
  startRelay,
} from "./relay.ts";
export {
  encodeCommand,
  parseReply,
  type RespAggregate,
  type RespNull,
  RespSplitter,
  type RespText,
  type RespValue,
} from "./resp.ts";
