import type { Codec, Credentials } from "@echarde/core";
import type { HostFinding } from "../config/settings-reader.ts";
import type { DialTls, ListenTls } from "../sockets.ts";
import { readCredentials } from "./read-credentials.ts";
import { readDialTls, readListenTls } from "./read-tls.ts";
import { readUsers, readWrongPasswords, type User } from "./read-users.ts";
import { SpecReader } from "./reader.ts";

/** Everything about encryption and rights, with what stood in the files. Holds secrets: never print it. */
export interface SecuritySettings {
  /** How clients connect, null = without TLS. */
  readonly listen: ListenTls | null;
  /** By cluster, those that have it. */
  readonly dial: ReadonlyMap<string, DialTls>;
  /** By cluster, those that have them. */
  readonly credentials: ReadonlyMap<string, Credentials>;
  /** By name, null = clients are not checked. */
  readonly users: ReadonlyMap<string, User> | null;
  /** Wrong passwords that one address may have at once, 0 = any number. */
  readonly wrongPasswords: number;
  /** The files that were read, by their whole paths, each with a hash of its content. */
  readonly files: ReadonlyMap<string, string>;
}

/** Where {@link readSecurity} looks. */
export interface SecurityContext {
  /** The protocol that is to heed it. */
  readonly codec: Codec;
  /** Relative paths start here. */
  readonly folder: string;
  /** Default: that of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Reads `tls`, `auth` and those of each cluster, and the files that they name. Adds what is wrong to `findings`. */
export function readSecurity(
  config: Readonly<Record<string, unknown>>,
  { codec, folder, environment = process.env }: SecurityContext,
  findings: HostFinding[],
): SecuritySettings {
  const reader = new SpecReader(folder, findings);
  const dial = new Map<string, DialTls>();
  const credentials = new Map<string, Credentials>();
  const clusters = clustersOf(config["clusters"]);
  for (const { name, path, entry } of clusters) {
    const tls = readDialTls(entry["tls"], [...path, "tls"], reader);
    if (tls !== null) dial.set(name, tls);
    if (entry["auth"] !== undefined && codec.requestClasses === undefined) {
      reader.fail([...path, "auth"], `the router cannot sign in to ${codec.name}`, true);
      continue;
    }
    const own = readCredentials(entry["auth"], [...path, "auth"], reader, environment);
    if (own !== null) credentials.set(name, own);
  }
  const names = clusters.map(({ name }) => name);
  return {
    listen: readListenTls(config["tls"], reader),
    dial,
    credentials,
    users: readUsers(config["auth"], names, codec, reader),
    wrongPasswords: readWrongPasswords(config["auth"], reader),
    files: reader.files,
  };
}

interface Entry {
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Clusters in either form; what is wrong with them otherwise is for the table to say. */
function clustersOf(value: unknown): Entry[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]) => {
    if (typeof entry !== "object" || entry === null) return [];
    const fields = entry as Readonly<Record<string, unknown>>;
    const name = Array.isArray(value) ? String(fields["name"]) : key;
    return [{ name, path: ["clusters", Array.isArray(value) ? Number(key) : key], entry: fields }];
  });
}
