import { type ComplianceCheck, codecCompliance } from "@echarde/testkit";
import { codec, samples } from "../../packages/codec-kafka/test/samples.ts";

export function checks(runs: number): readonly ComplianceCheck[] {
  return codecCompliance(codec, samples, { runs });
}
