import type { RoutingTable } from "@echarde/core";
import { encodeUtf8 } from "@echarde/core";
import { plans } from "./handlers.ts";
import { Layout } from "./layout.ts";
import { readHead, readRequest } from "./wire/frame.ts";
import { Malformed } from "./wire/reader.ts";

/** Something in a request that a routing table has a cluster for. */
export interface RoutedName {
  /** What it is: topics go by the routes, groups and transactional ids by options of the table. */
  readonly kind: "topic" | "group" | "transactional id";
  /** Its name. */
  readonly name: string;
  /** Partitions that the request names; empty = all, or none. */
  readonly partitions: readonly number[];
}

/** What a request says of its place, without what it carries. */
export interface RequestDescription {
  /** Its name in the specifications. */
  readonly request: string;
  /** Its version. */
  readonly version: number;
  /** What decides where it goes; empty = it goes to each cluster, or is about a connection. */
  readonly names: readonly RoutedName[];
}

/** Where a table has a name. */
export interface KafkaOwner {
  /** Its cluster, null = none. */
  readonly cluster: string | null;
  /** Which rule says so. */
  readonly because: string;
}

/** Describes one whole request, its length in front. Null when it is none that the codec knows. Nothing in it is a view. */
export function describeRequest(frame: Uint8Array): RequestDescription | null {
  if (frame.length < 14) return null;
  const { key, version } = readHead(frame, 0);
  const api = plans.get(key)?.api;
  if (api === undefined || version < 0 || version > api.max) return null;
  try {
    const { body } = readRequest(api, version, frame);
    return { request: api.name, version, names: namesOf(api.name, body as Fields) };
  } catch (error) {
    if (error instanceof Malformed || error instanceof RangeError) return null;
    throw error;
  }
}

/** Finds owners by a table whose options are those of this codec. Throws `ConfigError` when they are not. */
export function kafkaOwners(
  table: RoutingTable,
): (of: Pick<RoutedName, "kind" | "name">) => KafkaOwner {
  const layout = new Layout(table, {});
  return ({ kind, name }) => {
    if (kind === "topic") {
      const { cluster, because } = table.explain(encodeUtf8(name));
      return { cluster, because };
    }
    const home = layout.home(kind === "group" ? "group" : "transaction", name);
    return { cluster: home < 0 ? null : layout.nameOf(home), because: `home of the ${kind}` };
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** A request with topics goes by them, unless it is a transaction's; one without goes to its group's home. */
function namesOf(request: string, body: Fields): RoutedName[] {
  if (everywhere.has(request)) return [];
  const named = (kind: RoutedName["kind"], names: readonly unknown[]): RoutedName[] =>
    names.flatMap((name) =>
      typeof name === "string" && name !== "" ? [{ kind, name, partitions: [] }] : [],
    );
  if (byTransaction.has(request)) {
    return named("transactional id", [
      body["transactionalId"] ?? body["v3AndBelowTransactionalId"],
    ]);
  }
  const topics = topicsOf(body);
  if (topics.length > 0) return topics;
  const groups = listOf(body["groups"]);
  // All offsets of a group: each cluster is asked for its own.
  const asked = groups.length === 0 ? [body] : groups.filter(isFields);
  if (request === "OffsetFetch" && asked.some(({ topics: wanted }) => wanted === null)) return [];
  const within = groups.flatMap((group) => (isFields(group) ? topicsOf(group) : []));
  if (within.length > 0) return within;
  const ids = groups.map((group) => (isFields(group) ? group["groupId"] : group));
  return named("group", [body["groupId"], ...ids, ...listOf(body["groupsNames"])]);
}

function topicsOf(body: Fields): RoutedName[] {
  const list = body["topics"] ?? body["topicData"] ?? body["topicNames"] ?? body["resources"];
  return listOf(list).flatMap((topic): RoutedName[] => {
    if (typeof topic === "string") return [{ kind: "topic", name: topic, partitions: [] }];
    if (!isFields(topic)) return [];
    if (topic["resourceType"] !== undefined && topic["resourceType"] !== topicResource) return [];
    const name = topic["name"] ?? topic["topic"] ?? topic["resourceName"];
    if (typeof name !== "string" || name === "") return [];
    const asked = topic["partitionData"] ?? topic["partitionIndexes"] ?? topic["partitions"] ?? [];
    return [{ kind: "topic", name, partitions: listOf(asked).flatMap(partitionOf) }];
  });
}

function partitionOf(item: unknown): number[] {
  if (typeof item === "number") return [item];
  if (!isFields(item)) return [];
  const index = item["partitionIndex"] ?? item["partition"] ?? item["index"];
  return typeof index === "number" ? [index] : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Asked of each cluster, or of a connection. */
const everywhere: ReadonlySet<string> = new Set([
  ...["ApiVersions", "DescribeCluster", "FindCoordinator", "ListGroups"],
  ...["SaslAuthenticate", "SaslHandshake"],
]);
const byTransaction: ReadonlySet<string> = new Set([
  ...["AddOffsetsToTxn", "AddPartitionsToTxn", "EndTxn", "InitProducerId", "TxnOffsetCommit"],
]);
/** Of the kinds of resources that configurations are asked for. */
const topicResource = 2;
