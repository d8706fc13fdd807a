/** What one routing table says: who owns a topic, where a group or a transactional id is at home, what clients see. */
import { compileTable, encodeUtf8, type RouteSpec, type RoutingTable } from "@echarde/core";
import type { CoordinatorKind } from "./cluster-view.ts";
import { Facade } from "./facade.ts";
import { type KafkaOptions, kafkaOptions } from "./options.ts";

/** See the module. Immutable: a request keeps that of the table it was read with. */
export class Layout {
  readonly table: RoutingTable;
  readonly options: KafkaOptions;
  readonly facade: Facade;
  /** Whose producer ids clients hold, and who answers what no key decides. */
  readonly first: number;
  readonly #homes: Readonly<Record<CoordinatorKind, RoutingTable>>;

  /** Throws `ConfigError` when the options are wrong. */
  constructor(table: RoutingTable, given: Readonly<Record<string, unknown>>) {
    this.table = table;
    this.options = kafkaOptions({ ...table.options, ...given });
    this.facade = new Facade(
      this.options.advertised,
      table.clusters.map(({ name }) => name),
    );
    this.first = table.defaultCluster >= 0 ? table.defaultCluster : table.localCluster;
    const home = (routes: readonly RouteSpec[]): RoutingTable => {
      const clusters = table.clusters.map(({ name, endpoints }) => [name, { endpoints }] as const);
      const rest = table.clusters[this.first]?.name;
      const spec = { clusters: Object.fromEntries(clusters), defaultCluster: rest, routes };
      return compileTable(spec, { hashTag: null });
    };
    this.#homes = {
      group: home(this.options.groups),
      transaction: home(this.options.transactionalIds),
    };
  }

  /** Indexes of all clusters. */
  get clusters(): readonly number[] {
    return this.table.clusters.map((_, index) => index);
  }

  /** Name of a cluster. */
  nameOf(cluster: number): string {
    return this.table.clusters[cluster]?.name ?? "";
  }

  /** Cluster of a topic, -1 = nobody owns it. */
  owner(topic: string): number {
    const key = encodeUtf8(topic);
    return this.table.route(key, 0, key.length);
  }

  /** Cluster that coordinates a group or a transactional id; both tables have the same clusters. */
  home(kind: CoordinatorKind, key: string): number {
    const bytes = encodeUtf8(key);
    return this.#homes[kind].route(bytes, 0, bytes.length);
  }
}
