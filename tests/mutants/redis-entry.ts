import { redis } from "@echarde/codec-redis";
import { type ComplianceCheck, codecCompliance } from "@echarde/testkit";
import { redisAloneSamples, redisSamples } from "../redis/model/samples.ts";

export function checks(runs: number): readonly ComplianceCheck[] {
  const codec = redis({ cutThrough: 500 });
  return [
    ...codecCompliance(codec, redisSamples, { runs }),
    ...codecCompliance(codec, redisAloneSamples, { runs }).slice(-2),
  ];
}
