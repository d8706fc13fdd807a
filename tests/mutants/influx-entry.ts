import { influx } from "@echarde/codec-influx";
import { type ComplianceCheck, codecCompliance } from "@echarde/testkit";
import { samples } from "../influx/samples.ts";

export function checks(runs: number): readonly ComplianceCheck[] {
  return codecCompliance(influx(), samples, { runs });
}
