/** The codec of modules for Redis. */
import { redis } from "@echarde/codec-redis";

/** With the options of the table. */
export const codec: ReturnType<typeof redis> = redis();
