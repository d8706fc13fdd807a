import { influx } from "@echarde/codec-influx";
import { createRouter } from "@echarde/core";
import { splitBatch } from "../../../packages/codec-influx/src/line/split-batch.ts";
import { defaultInfluxOptions } from "../../../packages/codec-influx/src/options.ts";
import type { Micro, MicroLoop } from "../micro.ts";
import { DATABASE, linesOf } from "./data.ts";

const NOW = 1_700_000_000_000;
const LINES = 5000;
const CLUSTERS = ["influx1", "influx2", "influx3"];

/** What splitting a write costs without sockets and without HTTP, for each line. */
export const influxMicro: readonly Micro[] = [
  {
    name: `codec-influx: splitBatch of ${LINES} lines by a tag over 3, each line`,
    open: () => batches(linesOf("written", LINES, 0), ["host"]),
  },
  {
    name: `codec-influx: splitBatch of ${LINES} lines of 10 whole measurements over 3, each line`,
    open: () => {
      const each = Array.from({ length: 10 }, (_, i) => linesOf(`m${i}`, LINES / 10, 0));
      return batches(Buffer.concat(each), null);
    },
  },
];

function batches(bytes: Buffer, by: readonly string[] | null): MicroLoop {
  const options = { ...defaultInfluxOptions, split: by === null ? [] : [{ by }] };
  const { table } = createRouter({
    codec: influx(),
    table: {
      protocol: "influx",
      localCluster: CLUSTERS[0],
      clusters: Object.fromEntries(CLUSTERS.map((name) => [name, { endpoints: ["127.0.0.1:1"] }])),
      routes: [{ hash: "rendezvous", over: CLUSTERS }],
    },
  });
  const context = {
    table,
    options,
    database: DATABASE,
    policy: "",
    precision: "",
    now: NOW,
    keys: null,
  };
  // a call for fewer lines than a batch has is owed, not rounded up: its time would be a batch's
  let owed = 0;
  return (iterations) => {
    for (owed += iterations; owed >= LINES; owed -= LINES) {
      const { lines, errors } = splitBatch(bytes, 0, bytes.length, context);
      let size = 0;
      for (const part of lines.values()) size += part.length;
      if (errors.length > 0 || size !== bytes.length || lines.size !== CLUSTERS.length) {
        throw new Error(`${size} of ${bytes.length} bytes over ${lines.size}: ${errors[0]}`);
      }
    }
  };
}
