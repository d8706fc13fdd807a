/**
 * What the router lets a client do when it checks its clients itself: the
 * requests before and after Redis's own ACL check, in Redis's words. Rights
 * are routes: first bytes of keys and channels, and the clusters that own
 * them; and classes of commands.
 *
 * ```
 *   unknown command, wrong arity ─▶ NOAUTH ─▶ class ─▶ keys, channels ─▶ the command's own rules
 * ```
 */
import type { Rights, Slot } from "@echarde/core";
import type { Command } from "./commands/command.ts";
import type { DecisionKind } from "./commands/decisions.ts";
import { NO_AUTH, READONLY, WRITE } from "./commands/flags.ts";
import { FOUND } from "./commands/keys.ts";
import type { Request } from "./request.ts";
import type { RedisRuntime } from "./runtime.ts";
import { latin1 } from "./wire/ascii.ts";

/** Classes of commands that rights name. Each command is in one; what concerns the connection alone is in none and always allowed. */
export type CommandClass =
  | "read"
  | "write"
  | "pubsub"
  | "server"
  | "scripts"
  | "keyspace"
  | "admin";

/** What clients with limited routes may do at most: the rest reaches beyond the keys that it names. */
export const routedClasses: readonly CommandClass[] = ["read", "write", "pubsub", "server"];

/** Every class. */
export const commandClasses: readonly CommandClass[] = [
  ...routedClasses,
  "scripts",
  "keyspace",
  "admin",
];

/** The class of a command, null when it is always allowed. */
function classOf(command: Command): CommandClass | null {
  const { name, flags } = command;
  const { kind } = command.decision;
  const fixed = byKind.get(kind);
  if (fixed !== undefined) return fixed;
  if (name === "acl|whoami" || name.endsWith("|help")) return null;
  if (/^(script|function)\|/.test(name)) return "scripts";
  if (kind.startsWith("broadcast") && name !== "memory|purge") return "keyspace";
  if (kind.startsWith("admin-")) return "admin";
  if ((flags & WRITE) !== 0) return "write";
  if ((flags & READONLY) !== 0) return kind === "keyless" ? "server" : "read";
  return serverCommands.has(name.split("|")[0] ?? "") ? "server" : "admin";
}

/** May do anything. */
export const anyRights: Rights = { prefixes: null, clusters: null, classes: null };

/** Whether nothing needs to be checked. */
export function isUnlimited({ prefixes, clusters, classes }: Rights): boolean {
  return prefixes === null && clusters === null && classes === null;
}

/** Keeps links of different users apart. */
export function userSlot(user: string): Slot {
  const packet = latin1(user);
  return { name: "user", rank: -1, identity: true, initial: false, packet, packets: null };
}

/** Words for a request that its client may not make, "" when it may. `argsRead` = arguments that are there. */
export function denied(
  runtime: RedisRuntime,
  { stranger, rights }: { readonly stranger: boolean; readonly rights: Rights | null },
  request: Request,
  command: Command,
  argsRead: number = request.argc,
): string {
  if (stranger) return (command.flags & NO_AUTH) !== 0 ? "" : noAuth;
  if (rights === null) return "";
  const group = classOf(command);
  if (group === null) return "";
  const routed = rights.prefixes !== null || rights.clusters !== null;
  if (rights.classes?.has(group) === false || (routed && !routedClasses.includes(group))) {
    return `NOPERM this user has no permissions to run the '${command.name}' command`;
  }
  return routed && group !== "server" ? strayed(runtime, rights, request, command, argsRead) : "";
}

/** Words for a request whose keys or channels are not all on the client's routes. */
function strayed(
  runtime: RedisRuntime,
  rights: Rights,
  request: Request,
  command: Command,
  argsRead: number,
): string {
  const { finder } = runtime;
  const { bytes, start, end, argc } = request;
  const { kind } = command.decision;
  if (kind === "psubscribe") {
    for (let i = 1; i < argc; i++) {
      const head = literalHead(request.arg(i));
      if (rights.clusters !== null || !begins(rights.prefixes, head, 0, head.length)) {
        return wrongChannel;
      }
    }
    return "";
  }
  if (leaving.has(kind)) return "";
  if (finder.find(command, bytes, start, end, argc, argsRead) !== FOUND) return ""; // every server refuses it
  for (let i = 0; i < finder.count; i++) {
    const index = finder.indexes[i] as number;
    const from = start[index] as number;
    const to = end[index] as number;
    const owner = rights.clusters === null ? "" : runtime.nameOf(runtime.owner(bytes, from, to));
    if (begins(rights.prefixes, bytes, from, to) && rights.clusters?.has(owner) !== false) continue;
    return command.kind === "key" ? wrongKey : wrongChannel;
  }
  if (finder.count === 0) return kind === "keyless" ? wrongKey : ""; // nobody knows what it touches
  if (finder.sortBy) return "ERR BY option of SORT denied due to insufficient ACL permissions";
  return finder.sortGet ? "ERR GET option of SORT denied due to insufficient ACL permissions" : "";
}

/** Whether `bytes[from, to)` begins with one of the prefixes. */
function begins(
  prefixes: readonly Uint8Array[] | null,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (prefixes === null) return true;
  return prefixes.some((prefix) => {
    if (prefix.length > to - from) return false;
    for (let i = 0; i < prefix.length; i++) if (prefix[i] !== bytes[from + i]) return false;
    return true;
  });
}

/** What every channel that a pattern matches begins with. */
function literalHead(pattern: Uint8Array): Uint8Array {
  const end = pattern.findIndex((byte) => special.has(byte));
  return end < 0 ? pattern : pattern.subarray(0, end);
}

/** `*`, `?`, `[` and the backslash. */
const special: ReadonlySet<number> = new Set([42, 63, 91, 92]);

const noAuth = "NOAUTH Authentication required.";
const wrongKey = "NOPERM this user has no permissions to access one of the keys used as arguments";
const wrongChannel =
  "NOPERM this user has no permissions to access one of the channels used as arguments";

const leaving: ReadonlySet<DecisionKind> = new Set<DecisionKind>([
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
]);

/** First words of commands that tell of the server and hold no data of anybody. */
const serverCommands: ReadonlySet<string> = new Set([
  "info",
  "time",
  "lastsave",
  "lolwut",
  "command",
]);

const byKind: ReadonlyMap<DecisionKind, CommandClass | null> = new Map<
  DecisionKind,
  CommandClass | null
>([
  ...(["auth", "hello", "select", "reset", "quit", "ping", "echo", "role"] as const).map(
    (kind) => [kind, null] as const,
  ),
  ...(["multi", "exec", "discard", "unwatch", "container", "refuse"] as const).map(
    (kind) => [kind, null] as const,
  ),
  ["client-setname", null],
  ["client-getname", null],
  ["client-id", null],
  ["client-info", null],
  ["client-list", null],
  ["client-setinfo", null],
  ["client-reply", null],
  ["client-trackinginfo", null],
  ["client-getredir", null],
  ["client-noted", null],
  ["watch", "read"],
  ["script", "scripts"],
  ["script-ro", "scripts"],
  ["keys", "keyspace"],
  ["randomkey", "keyspace"],
  ["scan", "keyspace"],
  ["pubsub-channels", "keyspace"],
  ["pubsub-numsub", "keyspace"],
  ["pubsub-numpat", "keyspace"],
  ["info", "server"],
  ["publish", "pubsub"],
  ["spublish", "pubsub"],
  ["subscribe", "pubsub"],
  ["unsubscribe", "pubsub"],
  ["psubscribe", "pubsub"],
  ["punsubscribe", "pubsub"],
  ["ssubscribe", "pubsub"],
  ["sunsubscribe", "pubsub"],
]);
