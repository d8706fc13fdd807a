/** Reads the key `auth`: users, here or in a file of their own. */
import { type Codec, encodeUtf8, type RequestClasses, type Rights } from "@echarde/core";
import { Source } from "../config/source.ts";
import { type PasswordHash, parseHash } from "./password-hash.ts";
import { type Fields, type Path, SpecReader } from "./reader.ts";

/** One user. */
export interface User {
  /** Any of them will do; empty = see `open`. */
  readonly hashes: readonly PasswordHash[];
  /** Any password will do. */
  readonly open: boolean;
  /** What the user may do. */
  readonly rights: Rights;
}

/** Reads the key. Null when there is none, or it is wrong. Users that are not enabled are left out. */
export function readUsers(
  value: unknown,
  clusters: readonly string[],
  codec: Codec,
  reader: SpecReader,
): ReadonlyMap<string, User> | null {
  if (value === undefined) return null;
  const path = ["auth"];
  const fields = reader.map(value, path, ["users", "file", "wrongPasswords"]);
  if (fields === null) return null;
  const classes = codec.requestClasses;
  if (classes === undefined) {
    return reader.fail(path, `the router cannot check clients of ${codec.name}`, true);
  }
  if ((fields["users"] === undefined) === (fields["file"] === undefined)) {
    return reader.fail(path, "needs `users` or `file`", true);
  }
  const users = fields["users"];
  const context = { clusters, classes };
  if (users !== undefined) return readAll(users, ["auth", "users"], context, reader);
  const text = reader.file(fields, "file", path);
  return typeof text === "string" ? readUserFile(text, context, reader) : null;
}

/** The limit of wrong passwords; what else is wrong with the key is for {@link readUsers} to say. */
export function readWrongPasswords(value: unknown, reader: SpecReader): number {
  const otherwise = 60;
  if (typeof value !== "object" || value === null || !("wrongPasswords" in value)) return otherwise;
  const most = value.wrongPasswords;
  if (Number.isSafeInteger(most) && Number(most) >= 0) return Number(most);
  reader.fail(["auth", "wrongPasswords"], "must be a whole number, 0 = no limit");
  return otherwise;
}

interface Context {
  readonly clusters: readonly string[];
  readonly classes: RequestClasses;
}

/** What is wrong in the file of users is told at the setting that names it, with the place in that file. */
function readUserFile(
  text: string,
  context: Context,
  reader: SpecReader,
): ReadonlyMap<string, User> | null {
  const source = new Source(text);
  const at = ["auth", "file"];
  for (const { line, column, message } of source.problems) {
    reader.fail(at, `line ${line}, column ${column}: ${message}`);
  }
  if (source.problems.length > 0) return null;
  const inside: { path: Path; message: string; inKey?: boolean }[] = [];
  const users = readAll(source.data ?? {}, [], context, new SpecReader("/", inside));
  for (const { path, message, inKey = false } of inside) {
    const { line, column } = source.place(path, inKey);
    const words = path.length === 0 ? message : `${path.join(".")}: ${message}`;
    reader.fail([...at], `line ${line}, column ${column}: ${words}`);
  }
  return inside.length > 0 ? null : users;
}

function readAll(
  value: unknown,
  path: Path,
  context: Context,
  reader: SpecReader,
): ReadonlyMap<string, User> | null {
  const entries = reader.map(value, path, null);
  if (entries === null) return null;
  const users = new Map<string, User>();
  for (const [name, entry] of Object.entries(entries)) {
    const at = [...path, name];
    if (!/^[!-~]+$/.test(name)) {
      reader.fail(at, "the name of a user is printable ASCII without spaces", true);
      continue;
    }
    const user = readUser(entry, at, context, reader);
    if (user !== null) users.set(name, user);
  }
  return users;
}

const keys = ["password", "nopass", "enabled", "prefixes", "clusters", "commands"];

function readUser(
  value: unknown,
  path: Path,
  { clusters, classes }: Context,
  reader: SpecReader,
): User | null {
  const fields = reader.map(value, path, keys);
  if (fields === null) return null;
  const open = reader.flag(fields, "nopass", path, false);
  const hashes = readHashes(fields, path, reader);
  if (open && fields["password"] !== undefined) {
    reader.fail([...path, "nopass"], "stands beside `password`: use one of the two");
  }
  const enabled = reader.flag(fields, "enabled", path, true);
  if (enabled && !open && fields["password"] === undefined) {
    reader.fail(path, "needs `password`, or `nopass: true`", true);
  }
  const prefixes = readPrefixes(fields, path, reader);
  const owners = readNames(fields, "clusters", path, clusters, "cluster", reader);
  const routed = prefixes !== null || owners !== null;
  const group = readNames(fields, "commands", path, classes.all, "class", reader);
  for (const one of routed && group !== null ? group : []) {
    if (classes.routed.includes(one)) continue;
    reader.fail(
      [...path, "commands"],
      `${one} reaches beyond \`prefixes\` and \`clusters\`; with these there are ${classes.routed.join(", ")}`,
    );
  }
  return enabled ? { hashes, open, rights: { prefixes, clusters: owners, classes: group } } : null;
}

function readHashes(fields: Fields, path: Path, reader: SpecReader): PasswordHash[] {
  const value = fields["password"];
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const hashes: PasswordHash[] = [];
  list.forEach((entry, i) => {
    const hash = typeof entry === "string" ? parseHash(entry) : null;
    const at = [...path, "password", ...(Array.isArray(value) ? [i] : [])];
    if (hash !== null) hashes.push(hash);
    else {
      reader.fail(
        at,
        "must be the hash of a password in quotes: # and SHA-256 in hexadecimal, or what `echarde hash` prints",
      );
    }
  });
  return hashes;
}

function readPrefixes(fields: Fields, path: Path, reader: SpecReader): Uint8Array[] | null {
  const value = fields["prefixes"];
  if (value === undefined) return null;
  const at = [...path, "prefixes"];
  if (!Array.isArray(value)) return reader.fail(at, "must be a list");
  const prefixes: Uint8Array[] = [];
  value.forEach((entry: unknown, i) => {
    const hex = (entry as { readonly hex?: unknown } | null)?.hex;
    if (typeof entry === "string" && entry !== "") prefixes.push(encodeUtf8(entry));
    else if (typeof hex === "string" && /^([0-9a-f]{2})+$/i.test(hex)) {
      prefixes.push(new Uint8Array(Buffer.from(hex, "hex")));
    } else reader.fail([...at, i], "must be a text that is not empty, or { hex: … }");
  });
  return prefixes;
}

function readNames(
  fields: Fields,
  key: string,
  path: Path,
  known: readonly string[],
  what: string,
  reader: SpecReader,
): ReadonlySet<string> | null {
  const value = fields[key];
  if (value === undefined) return null;
  const at = [...path, key];
  if (!Array.isArray(value)) return reader.fail(at, "must be a list");
  const names = new Set<string>();
  value.forEach((entry: unknown, i) => {
    if (typeof entry === "string" && known.includes(entry)) names.add(entry);
    else reader.fail([...at, i], `unknown ${what}; known: ${known.join(", ")}`);
  });
  return names;
}
