import { ConfigError } from "../errors.ts";
import type { Findings } from "./findings.ts";
import type { KeyMap, KeyMapRule, MakeKeyMap } from "./key-map.ts";
import { makeHasher } from "./make-hasher.ts";
import type { Rule, TableModel } from "./model.ts";

/** The protocol's map of a table that was read without an error; null and errors when it makes no sense to it. */
export function mapOf(model: TableModel, make: MakeKeyMap, findings: Findings): KeyMap | null {
  const names = model.clusters.map(({ name }) => name);
  const indexOf = (name: string): number => names.indexOf(name);
  const fallback = model.defaultCluster === null ? -1 : indexOf(model.defaultCluster);
  if (fallback < 0 && model.rules.every(({ match }) => match.type !== "rest")) {
    findings.warning([], "keys that no rule matches have no owner: name a defaultCluster");
  }
  try {
    return make(
      model.rules.map((rule) => mapRule(rule, indexOf)),
      fallback,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const { path, message } of error.findings) {
      const [index, ...rest] = path;
      const rule = model.rules[typeof index === "number" ? index : -1];
      findings.error([...(rule?.path ?? []), ...rest], message);
    }
    if (error.findings.length === 0) findings.error([], error.message);
    return null;
  }
}

function mapRule({ match, owner }: Rule, indexOf: (name: string) => number): KeyMapRule {
  const type = match.type === "range" ? "rest" : match.type; // ranges were refused before
  const bytes = match.type === "rest" || match.type === "range" ? nothing : match.bytes;
  if (owner.type === "cluster") {
    return { match: type, bytes, owner: { type: "cluster", cluster: indexOf(owner.cluster) } };
  }
  const hasher = makeHasher(owner, indexOf);
  const clusters = [...new Set(owner.shares.map(({ cluster }) => indexOf(cluster)))];
  const pick = hasher.pick.bind(hasher);
  return {
    match: type,
    bytes,
    owner: { type: "hash", level: owner.level, clusters: clusters.sort((a, b) => a - b), pick },
  };
}

const nothing = new Uint8Array(0);
