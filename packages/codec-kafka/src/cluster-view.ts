/** What the router has learned of one cluster: its brokers, who leads what, who coordinates whom. Bounded. */
import type { ClusterSpec } from "@echarde/core";
import { errorCodes } from "./error-codes.ts";
import type { MetadataResponse } from "./generated/metadata-response.ts";
import type { KafkaOptions } from "./options.ts";

/** What a coordinator coordinates: a group, or a transactional id. */
export type CoordinatorKind = "group" | "transaction";

/** Leaders of the partitions of a topic, by index; -1 = none. */
type Leaders = readonly number[];

/** See the module. */
export class ClusterView {
  /** Versions of APIs by key, null before they were asked for. */
  versions: ReadonlyMap<number, readonly [min: number, max: number]> | null = null;
  /** When they were, Unix milliseconds. */
  versionsAt = 0;
  /** Node id of the controller, -1 = not known. */
  controller = -1;
  /** Names of all topics as of the last time that they were asked for, null = never. */
  remembered: readonly string[] | null = null;
  readonly #brokers = new Map<number, string>();
  readonly #topics = new Map<string, Leaders>();
  /** What the newest metadata said of topics without leaders. */
  readonly #problems = new Map<string, number>();
  readonly #coordinators = new Map<string, number>();

  /** Ids of its brokers. */
  get brokers(): readonly number[] {
    return [...this.#brokers.keys()];
  }

  /** Whether its brokers are known, and which of them is the controller. */
  get known(): boolean {
    return this.#brokers.size > 0 && this.controller >= 0;
  }

  /** Takes in what a broker says. */
  learn(metadata: MetadataResponse): void {
    this.#brokers.clear();
    for (const { nodeId, host, port } of metadata.brokers) {
      this.#brokers.set(nodeId, `${host.includes(":") ? `[${host}]` : host}:${port}`);
    }
    // Version 0 names none.
    if (metadata.controllerId >= 0) this.controller = metadata.controllerId;
    if (!this.#brokers.has(this.controller)) this.controller = -1;
    for (const { name, errorCode, partitions } of metadata.topics) {
      if (name === null) continue;
      if (this.#topics.size >= manyTopics) this.#topics.clear();
      if (this.#problems.size >= manyTopics) this.#problems.clear();
      this.#topics.delete(name);
      this.#problems.delete(name);
      if (errorCode !== 0) this.#problems.set(name, errorCode);
      else {
        const leaders: number[] = [];
        for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
        this.#topics.set(
          name,
          Array.from(leaders, (leader) => leader ?? -1),
        );
      }
    }
  }

  /** Leader of a partition, -1 = it has none, null = not known. */
  leader(topic: string, partition: number): number | null {
    return this.#topics.get(topic)?.[partition] ?? null;
  }

  /** Why a partition has no leader that is known, as an error code. */
  problem(topic: string): number {
    if (this.#topics.has(topic)) return errorCodes.unknownTopicOrPartition;
    return this.#problems.get(topic) ?? errorCodes.leaderNotAvailable;
  }

  /** Node id of a coordinator, null = not known. */
  coordinator(kind: CoordinatorKind, key: string): number | null {
    return this.#coordinators.get(`${kind} ${key}`) ?? null;
  }

  /** A broker said who coordinates the key. */
  coordinates(kind: CoordinatorKind, key: string, node: number): void {
    if (this.#coordinators.size >= manyCoordinators) this.#coordinators.clear();
    this.#coordinators.set(`${kind} ${key}`, node);
  }

  /** Somebody said that it does not coordinate the key. */
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.delete(`${kind} ${key}`);
  }

  /** Somebody said that it does not lead a partition of the topic. */
  forgetTopic(topic: string): void {
    this.#topics.delete(topic);
    this.#problems.delete(topic);
  }

  /** Somebody said that it is not the controller. */
  forgetController(): void {
    this.controller = -1;
    this.#brokers.clear();
  }

  /** A broker is lost: nothing of what was said before is certain. */
  forgetAll(): void {
    this.forgetController();
    this.#coordinators.clear();
    this.#topics.clear();
    this.#problems.clear();
  }

  /**
   * What to dial for a broker, "" = the cluster's own endpoints; null when it is not known or must not be
   * dialled. A cluster of one broker is always reached as the table says, whatever it advertises.
   */
  address(node: number, spec: ClusterSpec, options: KafkaOptions): string | null {
    const advertised = this.#brokers.get(node);
    if (advertised === undefined) return null;
    if (this.#brokers.size === 1) return "";
    const mapped = options.addresses[advertised];
    if (mapped !== undefined) return mapped;
    if (options.nodes === "learned" || spec.endpoints.includes(advertised)) return advertised;
    return null;
  }
}

/** As many as a large cluster has; beyond that all are asked for again. */
const manyTopics = 100_000;
const manyCoordinators = 100_000;
