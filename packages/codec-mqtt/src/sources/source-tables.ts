/**
 * The routing tables of sessions that have routes of their own. They have the
 * same clusters as the router's table, in the same order, so that plans made
 * with them are the router's.
 */
import {
  ConfigError,
  type ConfigFinding,
  compileTable,
  type Limits,
  type OwnRulesView,
  type RouterContext,
  type RoutingTable,
  type Security,
  type SessionRecords,
} from "@echarde/core";
import { topicKeyMap } from "../filters/topic-key-map.ts";
import { TopicMap } from "../filters/topic-map.ts";
import {
  fail,
  isFor,
  type SourceRule,
  sourceKind,
  sourceRules,
  sourceWords,
} from "./source-rules.ts";

/** See the module. */
export class SourceTables {
  readonly #router: RouterContext;
  #rules: readonly RuledTable[];

  /** Throws `ConfigError` when the options of the router's table are wrong. */
  constructor(router: RouterContext) {
    this.#router = router;
    this.#rules = ruledTables(router, router.table);
  }

  /** The rules, with the sessions that each was chosen for. */
  views(): readonly OwnRulesView[] {
    return this.#rules.map(({ rule, hits }) => ({
      ...{ match: sourceKind(rule), words: sourceWords(rule), hits },
    }));
  }

  /** The router as a session of this client sees it: itself, unless a rule names the client. The rule counts sessions that are `real`. */
  routerFor(clientId: string, user: string | null, real = true): RouterContext | SourcedRouter {
    const index = this.#rules.findIndex(({ rule }) => isFor(rule, clientId, user));
    const ruled = this.#rules[index];
    if (ruled === undefined) return this.#router;
    if (real) ruled.hits += 1;
    const words = `sessions[${index}]: ${sourceWords(ruled.rule)}`;
    return new SourcedRouter(this.#router, words, () => ruled.table);
  }

  /** Takes the rules of a table that is put in force next, for sessions that begin then: those that stand keep theirs. Throws `ConfigError`, and changes nothing, when they are wrong. */
  adopt(table: RoutingTable): void {
    this.#rules = ruledTables(this.#router, table);
  }
}

/** A rule and its routes, always over the clusters that the router has. */
class RuledTable {
  readonly rule: SourceRule;
  /** Sessions that it was chosen for. */
  hits = 0;
  readonly #router: RouterContext;
  /** The router's table that `#table` was made for. */
  #base: RoutingTable;
  #table: RoutingTable;

  constructor(router: RouterContext, base: RoutingTable, rule: SourceRule) {
    this.#router = router;
    this.rule = rule;
    this.#base = base;
    this.#table = tableOf(rule, base);
  }

  /** After a swap a rule whose clusters the new table lacks routes nothing. */
  get table(): RoutingTable {
    const { table } = this.#router;
    if (table === this.#base) return this.#table;
    this.#base = table;
    try {
      this.#table = tableOf(this.rule, table);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#table = compile(table, { routes: [] });
    }
    return this.#table;
  }
}

function ruledTables(router: RouterContext, base: RoutingTable): readonly RuledTable[] {
  const findings: ConfigFinding[] = [];
  const tables = sourceRules(base.options["sessions"]).flatMap((rule, i) => {
    try {
      return [new RuledTable(router, base, rule)];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      findings.push(...error.findings.map(({ path, message }) => at(rule, i, path, message)));
      return [];
    }
  });
  fail(findings);
  return tables;
}

/** A router whose table is the session's. */
export class SourcedRouter implements RouterContext {
  /** The rule and the sessions that it is for. */
  readonly words: string;
  readonly #router: RouterContext;
  readonly #table: () => RoutingTable;

  constructor(router: RouterContext, words: string, table: () => RoutingTable) {
    this.words = words;
    this.#router = router;
    this.#table = table;
  }

  get table(): RoutingTable {
    return this.#table();
  }

  get limits(): Limits {
    return this.#router.limits;
  }

  get security(): Security {
    return this.#router.security;
  }

  get records(): SessionRecords | null {
    return this.#router.records;
  }

  get keepsValues(): boolean {
    return this.#router.keepsValues;
  }

  keep(bytes: Uint8Array): Uint8Array {
    return this.#router.keep(bytes);
  }
}

/** Names of the clusters that a session by this router opens links to: all, or those that own topics of its. */
export function clustersOf(router: RouterContext): readonly string[] {
  const { clusters, keyMap } = router.table;
  const owners = router instanceof SourcedRouter && keyMap instanceof TopicMap;
  const used = owners ? keyMap.all.flatMap((index) => clusters[index] ?? []) : clusters;
  return used.map(({ name }) => name);
}

function tableOf(rule: SourceRule, base: RoutingTable): RoutingTable {
  const { cluster, routes = [], defaultCluster } = rule;
  const rest = cluster ?? defaultCluster ?? base.clusters[base.defaultCluster]?.name;
  return compile(base, rest === undefined ? { routes } : { routes, defaultCluster: rest });
}

function compile(base: RoutingTable, rules: object): RoutingTable {
  const clusters = base.clusters.map(({ name, endpoints }) => [name, { endpoints }] as const);
  const spec = { clusters: Object.fromEntries(clusters), ...rules };
  return compileTable(spec, { hashTag: null, keyMap: topicKeyMap });
}

function at(
  rule: SourceRule,
  index: number,
  path: ConfigFinding["path"],
  message: string,
): ConfigFinding {
  const [first, ...more] = path;
  const key = first === "defaultCluster" && rule.cluster !== undefined ? "cluster" : first;
  const inside = key === undefined ? [] : [key, ...more];
  return { path: ["options", "sessions", index, ...inside], message };
}
