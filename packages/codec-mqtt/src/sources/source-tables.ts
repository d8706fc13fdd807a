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
  type RouterContext,
  type RoutingTable,
  type Security,
  type SessionRecords,
} from "@echarde/core";
import { topicKeyMap } from "../filters/topic-key-map.ts";
import { TopicMap } from "../filters/topic-map.ts";
import { fail, isFor, type SourceRule, sourceRules, sourceWords } from "./source-rules.ts";

/** See the module. */
export class SourceTables {
  readonly #router: RouterContext;
  readonly #rules: readonly SourceRule[];
  /** The router's table that the others were made for. */
  #base: RoutingTable;
  #tables: readonly RoutingTable[];

  /** Throws `ConfigError` when the options of the router's table are wrong. */
  constructor(router: RouterContext) {
    this.#router = router;
    this.#base = router.table;
    this.#rules = sourceRules(router.table.options["sessions"]);
    const findings: ConfigFinding[] = [];
    this.#tables = this.#rules.map((rule, i) => {
      try {
        return tableOf(rule, this.#base);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        findings.push(...error.findings.map(({ path, message }) => at(rule, i, path, message)));
        return this.#base;
      }
    });
    fail(findings);
  }

  /** The router as a session of this client sees it: itself, unless a rule names the client. */
  routerFor(clientId: string, user: string | null): RouterContext | SourcedRouter {
    const index = this.#rules.findIndex((rule) => isFor(rule, clientId, user));
    const rule = this.#rules[index];
    if (rule === undefined) return this.#router;
    const words = `sessions[${index}]: ${sourceWords(rule)}`;
    return new SourcedRouter(this.#router, words, () => this.#newest(index));
  }

  /** After a swap the rules stay; one whose clusters the new table lacks routes nothing. */
  #newest(index: number): RoutingTable {
    const { table } = this.#router;
    if (table !== this.#base) {
      this.#base = table;
      this.#tables = this.#rules.map((rule) => {
        try {
          return tableOf(rule, table);
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          return compile(table, { routes: [] });
        }
      });
    }
    return this.#tables[index] as RoutingTable;
  }
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
