/**
 * Redis (RESP2, RESP3, inline) for Écharde: shard keys, split and merge.
 *
 * @packageDocumentation
 */
export type { CustomCommand, KeyCount, KeyRange } from "./commands/custom.ts";
export { defaultRedisOptions, type RedisOptions } from "./options.ts";
export { redis } from "./redis.ts";
