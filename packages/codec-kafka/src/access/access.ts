/**
 * What the router lets a client do when it checks its clients itself. Rights are routes: first bytes of
 * names (topics, groups, transactional ids alike), and the clusters that own topics or are a group's or a
 * transaction's home; and classes of requests, after the operations of Kafka's own ACLs.
 */
import { decodeUtf8, encodeUtf8, type Rights, type SessionContext } from "@echarde/core";
import type { Layout } from "../layout.ts";
import type { KafkaRuntime } from "../runtime.ts";

/** Classes of requests that rights name. Descriptions are in none: they go with the name. */
export type RequestClass = "read" | "write" | "admin";

/** Every class. */
export const requestClasses: readonly RequestClass[] = ["read", "write", "admin"];

/** What has an owner. */
export type NameKind = "topic" | "group" | "transaction";

/** See the module. */
export class Access {
  readonly #rights: Rights;
  readonly #layout: Layout;

  constructor(rights: Rights, layout: Layout) {
    this.#rights = rights;
    this.#layout = layout;
  }

  /** Whether only some names may be used. */
  get routed(): boolean {
    return this.#rights.prefixes !== null || this.#rights.clusters !== null;
  }

  /** Whether requests of a class may be made. */
  allows(group: RequestClass | null): boolean {
    return group === null || this.#rights.classes?.has(group) !== false;
  }

  /** Whether a name may be used, and that in requests of a class; null = described. */
  may(kind: NameKind, name: string, group: RequestClass | null): boolean {
    if (!this.allows(group)) return false;
    const { prefixes, clusters } = this.#rights;
    if (prefixes !== null) {
      const bytes = encodeUtf8(name);
      const begins = (prefix: Uint8Array) => prefix.every((byte, i) => bytes[i] === byte);
      if (!prefixes.some(begins)) return false;
    }
    if (clusters === null) return true;
    const layout = this.#layout;
    const owner = kind === "topic" ? layout.owner(name) : layout.home(kind, name);
    return clusters.has(layout.nameOf(owner));
  }
}

/** Setting of a session: who the client is, to the router alone. */
export const userSlot = "user";

/** What the client may do: null = anything, "stranger" = it has to say who it is, or is nobody any more. */
export function accessOf(
  runtime: KafkaRuntime,
  session: SessionContext,
): Access | "stranger" | null {
  const { users } = runtime.security;
  if (users === null || session.id === 0) return null;
  const slot = session.journal.get(userSlot);
  const user = slot === undefined ? users.anonymous : decodeUtf8(slot.packet);
  const rights = user === null ? null : users.rights(user);
  if (rights === null) return "stranger";
  const { prefixes, clusters, classes } = rights;
  if (prefixes === null && clusters === null && classes === null) return null;
  return new Access(rights, runtime.layout);
}
