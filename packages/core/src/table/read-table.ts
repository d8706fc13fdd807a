import type { Findings } from "./findings.ts";
import type { Path, Rule, TableModel } from "./model.ts";
import { readMapRule, readRule } from "./read-rule.ts";
import type { ClusterSpec } from "./table.ts";

/** Reads a table. Null when something keeps it from being compiled; `findings` then says what. */
export function readTable(spec: unknown, findings: Findings): TableModel | null {
  const fields = findings.record(spec, [], [...TABLE_KEYS, ...HOST_KEYS]);
  if (fields === null) return null;

  const protocol = fields.has("protocol")
    ? findings.text(fields.get("protocol"), ["protocol"])
    : "";
  const rules = readRules(fields.get("routes"), fields.get("routingTable"), findings);
  const [defaultCluster, localCluster] = ["defaultCluster", "localCluster"].map((key) =>
    fields.has(key) ? findings.name(fields.get(key), [key]) : null,
  ) as [string | null, string | null];
  const options = fields.has("options")
    ? findings.record(fields.get("options"), ["options"], null)
    : new Map<string, unknown>();
  const clusters = fields.has("clusters")
    ? readClusters(fields.get("clusters"), findings)
    : [...findings.names.keys()].map((name) => ({ name, endpoints: [] }));
  if (clusters.length === 0 && !findings.failed) {
    findings.error(["clusters"], "no cluster: name at least one");
  }
  const first = clusters.sort((a, b) => (a.name < b.name ? -1 : 1))[0];
  if (findings.failed || first === undefined) return null;
  return {
    protocol: protocol ?? "",
    clusters,
    defaultCluster,
    localCluster: localCluster ?? defaultCluster ?? first.name,
    rules,
    options: frozenCopy(Object.fromEntries(options ?? [])) as Readonly<Record<string, unknown>>,
  };
}

/** Keys of a table. */
const TABLE_KEYS = [
  "protocol",
  "defaultCluster",
  "localCluster",
  "clusters",
  "routes",
  "routingTable",
  "options",
];
/** Keys of a host, which may stand in the same file; not looked at here. */
const HOST_KEYS = [
  "listen",
  "workers",
  "stateDir",
  "tracing",
  "limits",
  "timeouts",
  "tls",
  "auth",
  "admin",
  "log",
];
/** Keys of a cluster: its addresses, and what the host knows of it; the latter is not looked at here. */
const CLUSTER_KEYS = ["endpoints", "tls", "auth"];

function readRules(routes: unknown, map: unknown, findings: Findings): readonly Rule[] {
  const rules: (Rule | null)[] = [];
  if (routes !== undefined && map !== undefined) {
    findings.error(["routingTable"], "stands beside routes: use one of the two forms");
  }
  if (routes !== undefined) {
    const entries = findings.list(routes, ["routes"]) ?? [];
    entries.forEach((entry, i) => {
      rules.push(readRule(entry, ["routes", i], findings));
    });
  }
  if (map !== undefined) {
    const entries = findings.record(map, ["routingTable"], null) ?? new Map<string, unknown>();
    for (const [key, entry] of entries) {
      rules.push(readMapRule(key, entry, ["routingTable", key], findings));
    }
  }
  return rules.filter((rule) => rule !== null);
}

/** Either a map from name to addresses, or a list of entries with `name`. */
function readClusters(value: unknown, findings: Findings): ClusterSpec[] {
  const clusters = new Map<string, ClusterSpec>();
  const used = new Map<string, string>();
  const mentioned = new Map(findings.names);
  const add = (name: string | null, namePath: Path, entry: unknown, path: Path, keys: string[]) => {
    const fields = findings.record(entry, path, keys);
    if (fields === null || name === null) return;
    const endpoints = readEndpoints(
      name,
      fields.get("endpoints"),
      [...path, "endpoints"],
      used,
      findings,
    );
    if (clusters.has(name)) findings.error(namePath, `cluster ${name} is there twice`);
    else clusters.set(name, { name, endpoints });
  };
  if (Array.isArray(value)) {
    value.forEach((entry: unknown, i) => {
      const path = ["clusters", i, "name"];
      const named = (entry ?? {}) as { readonly name?: unknown };
      add(findings.name(named.name, path), path, entry, ["clusters", i], ["name", ...CLUSTER_KEYS]);
    });
  } else {
    const entries = findings.record(value, ["clusters"], null) ?? new Map<string, unknown>();
    for (const [name, entry] of entries) {
      const path = ["clusters", name];
      add(findings.name(name, path), path, entry, path, CLUSTER_KEYS);
    }
  }
  for (const [name, path] of mentioned) {
    if (clusters.has(name)) continue;
    const known = [...clusters.keys()].sort().join(", ");
    findings.error(path, `unknown cluster ${name}; known: ${known === "" ? "none" : known}`);
  }
  for (const name of clusters.keys()) {
    if (!mentioned.has(name)) {
      findings.warning(
        ["clusters", name],
        "owns no key: no rule, default or local cluster names it",
      );
    }
  }
  return [...clusters.values()];
}

function readEndpoints(
  name: string,
  value: unknown,
  path: Path,
  used: Map<string, string>,
  findings: Findings,
): readonly string[] {
  const entries = findings.list(value, path) ?? [];
  if (Array.isArray(value) && value.length === 0)
    findings.error(path, "needs at least one address");
  const endpoints: string[] = [];
  entries.forEach((entry, i) => {
    const endpoint = findings.text(entry, [...path, i]);
    if (endpoint === null) return;
    if (!isEndpoint(endpoint)) {
      findings.error(
        [...path, i],
        `bad address ${JSON.stringify(endpoint)}: use host:port, [v6]:port or unix:/path`,
      );
    }
    const other = used.get(endpoint);
    if (other !== undefined) {
      findings.warning([...path, i], `${endpoint} already belongs to cluster ${other}`);
    }
    used.set(endpoint, name);
    endpoints.push(endpoint);
  });
  return Object.freeze(endpoints);
}

function isEndpoint(text: string): boolean {
  if (text.startsWith("unix:/")) return text.length > 6;
  const match = /^(?:\[[0-9A-Fa-f:.%\w]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port > 0 && port < 65_536;
}

/** A deep copy that nobody can change. */
function frozenCopy(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy));
  if (typeof value !== "object" || value === null) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, frozenCopy(entry)])),
  );
}
