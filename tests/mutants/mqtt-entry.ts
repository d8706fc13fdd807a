import { mqtt } from "@echarde/codec-mqtt";
import { type ComplianceCheck, codecCompliance } from "@echarde/testkit";
import { afterwards, introduced, introduction } from "../../packages/codec-mqtt/test/samples.ts";

export function checks(runs: number): readonly ComplianceCheck[] {
  return [
    ...codecCompliance(mqtt(), introduction, { runs }),
    ...codecCompliance(introduced(), afterwards, { runs }),
  ];
}
