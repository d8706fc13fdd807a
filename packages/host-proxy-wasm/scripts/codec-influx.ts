/** The codec of modules for influx. */
import { influx } from "@echarde/codec-influx";

/** With the options of the table. */
export const codec: ReturnType<typeof influx> = influx();
