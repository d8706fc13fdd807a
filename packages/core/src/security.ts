/**
 * What the host knows of who may do what: by which credentials the router
 * makes itself known to clusters, and what its own clients may do. The host
 * answers at once from memory; checking a password is an `ask`.
 */
import { equalBytes } from "./bytes/compare.ts";

/** Bytes that must not be seen. Printing, `JSON.stringify` and inspection show a placeholder. */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Keeps `bytes`, which are never touched again. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves. Write them nowhere but to the peer that they are for. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** A placeholder. */
  toString(): string {
    return "(secret)";
  }

  /** A placeholder. */
  toJSON(): string {
    return "(secret)";
  }
}

/** A name and a password. */
export interface Credentials {
  /** The name, "" = the protocol's default user. */
  readonly user: string;
  /** Its password. */
  readonly password: Secret;
}

/** What an `ask` of topic "authenticate" holds; the answer is true when the user exists and the password is right. */
export type AuthenticateQuestion = Credentials;

/** What a client may do. Immutable: a change is another object. */
export interface Rights {
  /** First bytes, one of which its shard keys must have; null = any key. */
  readonly prefixes: readonly Uint8Array[] | null;
  /** Names of clusters, one of which must own its shard keys; null = any. */
  readonly clusters: ReadonlySet<string> | null;
  /** Classes of requests, by the protocol's names; null = all. */
  readonly classes: ReadonlySet<string> | null;
}

/** The users that the router checks clients against. */
export interface Users {
  /** What the user may do, null when there is none of this name (any more). */
  rights(user: string): Rights | null;
  /** Who a client is before it says so, null = it must say so first. */
  readonly anonymous: string | null;
}

/** See the module. What it says may change: tell the router through `securityChanged`. */
export interface Security {
  /** By which the router makes itself known to a cluster, null = by nothing. */
  credentials(cluster: string): Credentials | null;
  /** Whether what a client presents may be passed on to clusters. Never, once the router has credentials or users of its own. */
  readonly passes: boolean;
  /** Whom the router checks its clients against, null = it does not. */
  readonly users: Users | null;
}

/** No credentials, no users: what clients present is passed on. */
export const noSecurity: Security = { credentials: () => null, passes: true, users: null };

/** Whether a link that knows the one needs no other. */
export function sameCredentials(a: Credentials | null, b: Credentials | null): boolean {
  if (a === null || b === null) return a === b;
  return a.user === b.user && equalBytes(a.password.reveal(), b.password.reveal());
}
