/**
 * InfluxDB 1.x: writes split by measurement, tag or series; queries merged, or
 * refused where a merge would be wrong. Pure.
 *
 * @packageDocumentation
 */
export { influx } from "./influx.ts";
export { defaultInfluxOptions, type InfluxOptions, type SplitRule } from "./options.ts";
