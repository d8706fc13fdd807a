import { type ComplianceCheck, codecCompliance } from "@echarde/testkit";
import { memcached } from "../../examples/codec-memcached/memcached.ts";
import { samples } from "../../examples/codec-memcached/samples.ts";

export function checks(runs: number): readonly ComplianceCheck[] {
  return codecCompliance(memcached, samples, { runs });
}
