/** The plug-in configuration: JSON, made by `echarde emit` from a routing table. */
import {
  type Codec,
  ConfigError,
  compileTable,
  type Limits,
  type RoutingTable,
} from "@echarde/core";
import { stickyProtocols } from "../sticky-protocols.ts";

/** How bytes reach the clusters. */
export type RouteKind = "frame" | "sticky";

/** Which clusters a connection without a key is for, by what its first requests say. */
export interface SourceRules {
  /** By the name of the user. */
  readonly users: Readonly<Record<string, string>>;
  /** By the name or id that the client gives itself. */
  readonly clients: Readonly<Record<string, string>>;
  /** By the number or name of the database. */
  readonly databases: Readonly<Record<string, string>>;
}

/** A configuration that was read. */
export interface Settings {
  /** Names the filter: a new configuration of the same name takes the place of the old one. */
  readonly name: string;
  /** See {@link RouteKind}. */
  readonly route: RouteKind;
  /** The protocol. */
  readonly codec: Codec;
  /** The table. */
  readonly table: RoutingTable;
  /** Limits other than the module's. */
  readonly limits: Partial<Limits>;
  /** Bytes that all connections of the name may hold in one worker. */
  readonly maxMemory: number;
  /** Sticky route: where a connection without a key goes. */
  readonly sources: SourceRules;
}

/**
 * Bounds of one connection inside Envoy, where one virtual machine with a
 * memory limit of 128 MiB serves all clients of a worker. A large value
 * for one cluster is cut through; what must be held whole has to fit. The
 * bridge says when a server takes no connection: our own time is for a bridge
 * that says nothing.
 */
const defaults: Partial<Limits> = {
  maxRequest: 8 << 20,
  maxOutput: 8 << 20,
  maxInFlight: 4_096,
  maxMemory: 24 << 20,
  connectTimeout: 10_000,
};

/** Reads the JSON of the plug-in configuration. Throws `ConfigError`. */
export function readSettings(text: string, codecs: readonly Codec[]): Settings {
  const data = parse(text);
  for (const key of Object.keys(data)) {
    if (!keys.includes(key)) fail([key], `unknown key; known: ${keys.join(", ")}`);
  }
  const table = data["table"];
  if (typeof table !== "object" || table === null)
    return fail(["table"], "must be a routing table");
  const protocol = (table as { readonly protocol?: unknown }).protocol ?? codecs[0]?.name;
  const codec = codecs.find(({ name }) => name === protocol);
  if (codec === undefined) {
    const known = codecs.map(({ name }) => name).join(", ");
    return fail(["table", "protocol"], `this module knows ${known}, not ${String(protocol)}`);
  }
  const route = data["route"] ?? "frame";
  if (route !== "frame" && route !== "sticky") fail(["route"], "must be frame or sticky");
  if (route === "sticky" && !stickyProtocols.includes(codec.name)) {
    fail(["route"], `sticky is for ${stickyProtocols.join(", ")} alone; ${codec.name} needs frame`);
  }
  return {
    name: textOf(data, "name", codec.name),
    route: route as RouteKind,
    codec,
    table: compileTable(table, { hashTag: codec.hashTag, keyMap: codec.keyMap }),
    limits: { ...defaults, ...numbersOf(data, "limits") },
    maxMemory: numbersOf(data, "memory")["total"] ?? 64 << 20,
    sources: sourcesOf(data["sources"]),
  };
}

const keys: readonly string[] = ["name", "route", "table", "limits", "memory", "sources"];

type Data = Readonly<Record<string, unknown>>;

function parse(text: string): Data {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return fail([], "the configuration is not JSON");
  }
  if (typeof data === "object" && data !== null && !Array.isArray(data)) return data as Data;
  return fail([], "the configuration must be an object");
}

function textOf(data: Data, key: string, other: string): string {
  const value = data[key] ?? other;
  if (typeof value === "string" && /^[A-Za-z0-9._-]+$/.test(value)) return value;
  return fail([key], "must be letters, digits, '.', '_' or '-'");
}

function numbersOf(data: Data, key: string): Readonly<Record<string, number>> {
  const value = data[key] ?? {};
  if (typeof value !== "object" || value === null) return fail([key], "must be an object");
  for (const [name, number] of Object.entries(value)) {
    if (typeof number !== "number" || !(number > 0)) fail([key, name], "must be a positive number");
  }
  return value as Readonly<Record<string, number>>;
}

function sourcesOf(value: unknown): SourceRules {
  const data = (value ?? {}) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  if (typeof data !== "object") fail(["sources"], "must be an object");
  return {
    users: data["users"] ?? {},
    clients: data["clients"] ?? {},
    databases: data["databases"] ?? {},
  };
}

function fail(path: readonly (string | number)[], message: string): never {
  throw new ConfigError("bad-option", `${path.join(".")}: ${message}`, [{ path, message }]);
}
