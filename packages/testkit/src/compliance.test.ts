import { describe, it } from "node:test";
import { codecCompliance } from "./compliance.ts";
import { correlation } from "./models/correlation.ts";
import { fifo } from "./models/fifo.ts";
import { packetId } from "./models/packet-id.ts";
import {
  correlationSamples,
  fifoSamples,
  packetIdSamples,
  streamedAloneSamples,
  streamedSamples,
} from "./models/samples.ts";
import { streamed } from "./models/streamed.ts";

for (const [codec, samples] of [
  [fifo, fifoSamples],
  [correlation, correlationSamples],
  [streamed, streamedSamples],
  [streamed, streamedAloneSamples],
  [packetId, packetIdSamples],
] as const) {
  describe(`model ${codec.name}`, () => {
    for (const { name, run } of codecCompliance(codec, samples)) it(name, run);
  });
}
