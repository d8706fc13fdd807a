import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** Clusters of connections without a key, by what their clients say of themselves; see docs/envoy.md. */
export type SourceRulesFile = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The rules of a YAML or JSON file, or what is wrong with it. */
export function readSourceRules(
  file: string,
  clusters: readonly string[],
): { readonly rules: SourceRulesFile } | { readonly problem: string } {
  let data: unknown;
  try {
    data = parse(readFileSync(file, "utf8"));
  } catch (error) {
    return { problem: `${file}: ${(error as Error).message.split("\n")[0]}` };
  }
  if (!isRecord(data)) return { problem: `${file}: must be a map of ${kinds.join(", ")}` };
  for (const [kind, names] of Object.entries(data)) {
    if (!kinds.includes(kind)) {
      return { problem: `${file}: ${kind}: unknown key; known: ${kinds.join(", ")}` };
    }
    if (!isRecord(names))
      return { problem: `${file}: ${kind}: must be a map of names to clusters` };
    for (const [name, cluster] of Object.entries(names)) {
      if (typeof cluster === "string" && clusters.includes(cluster)) continue;
      return { problem: `${file}: ${kind}.${name}: ${String(cluster)} is no cluster of the table` };
    }
  }
  return { rules: data as SourceRulesFile };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const kinds: readonly string[] = ["users", "clients", "databases"];
