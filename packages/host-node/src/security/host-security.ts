import {
  ConfigError,
  type Credentials,
  type HostAsk,
  type Rights,
  type Security,
  type Users,
} from "@echarde/core";
import { now } from "../clock.ts";
import { Connection } from "../connection.ts";
import type { DialTls, ListenTls } from "../sockets.ts";
import { Attempts } from "./attempts.ts";
import { Passwords } from "./passwords.ts";
import type { SecuritySettings } from "./read-security.ts";
import type { User } from "./read-users.ts";

/** What a running server knows of who may do what. Replaced as a whole, in between two inputs of the router. */
export class HostSecurity implements Security {
  #settings: SecuritySettings;
  #users: CheckedUsers | null;
  readonly #attempts: Attempts;

  constructor(settings: SecuritySettings) {
    this.#settings = settings;
    this.#attempts = new Attempts(settings.wrongPasswords, now);
    this.#users = settings.users === null ? null : new CheckedUsers(settings.users, null);
  }

  get passes(): boolean {
    return passes(this.#settings);
  }

  get users(): Users | null {
    return this.#users;
  }

  /** How clients connect, null = without TLS. */
  get listen(): ListenTls | null {
    return this.#settings.listen;
  }

  /** Files whose content counts. */
  get files(): readonly string[] {
    return [...this.#settings.files.keys()];
  }

  credentials(cluster: string): Credentials | null {
    return this.#settings.credentials.get(cluster) ?? null;
  }

  /** How links to a cluster connect, null = without TLS. */
  dial(cluster: string): DialTls | null {
    return this.#settings.dial.get(cluster) ?? null;
  }

  /** Answers the router's question after a password. */
  async answer({ topic, value, peer }: HostAsk): Promise<boolean | undefined> {
    if (topic !== "authenticate") return undefined;
    const address = peer.host instanceof Connection ? peer.host.remote : null;
    if (!this.#attempts.allows(address)) return undefined;
    const right = await this.#users?.passwords.check(value as Credentials);
    if (right === false) this.#attempts.wrong(address);
    return right;
  }

  /** Throws `ConfigError` for settings that take another listener. */
  allows(settings: SecuritySettings): void {
    const now = this.#settings;
    if (settings.listen?.clientCert !== now.listen?.clientCert) {
      const what = "TLS for clients, and whether they must show a certificate,";
      fail("tls", `${what} is changed by a restart only`);
    }
    // A bare table put in place of a whole configuration must not open the door.
    if ((settings.users === null) !== (now.users === null)) {
      fail("auth", "whether the router checks its clients is changed by a restart only");
    }
    if (passes(settings) !== passes(now)) {
      fail("clusters", "the first `auth` of a cluster comes, and the last one goes, by a restart");
    }
  }

  /** Takes others over; tell the router then. */
  replace(settings: SecuritySettings): void {
    this.#settings = settings;
    this.#attempts.most = settings.wrongPasswords;
    this.#users = settings.users === null ? null : new CheckedUsers(settings.users, this.#users);
  }
}

class CheckedUsers implements Users {
  readonly passwords: Passwords;
  readonly #users: ReadonlyMap<string, User>;
  readonly #rights = new Map<string, Rights>();

  /** Rights that are as they were `before` stay the same object: their clients go on undisturbed. */
  constructor(users: ReadonlyMap<string, User>, before: CheckedUsers | null) {
    this.#users = users;
    this.passwords = new Passwords(users);
    for (const [name, { rights }] of users) {
      const known = before?.rights(name) ?? null;
      this.#rights.set(name, known !== null && sameRights(known, rights) ? known : rights);
    }
  }

  get anonymous(): string | null {
    return this.#users.get("default")?.open === true ? "default" : null;
  }

  rights(user: string): Rights | null {
    return this.#rights.get(user) ?? null;
  }
}

function passes({ users, credentials }: SecuritySettings): boolean {
  return users === null && credentials.size === 0;
}

function sameRights(a: Rights, b: Rights): boolean {
  return words(a) === words(b);
}

function words({ prefixes, clusters, classes }: Rights): string {
  const texts = prefixes?.map((prefix) => Buffer.from(prefix).toString("hex")) ?? null;
  return JSON.stringify([texts, clusters && [...clusters], classes && [...classes]]);
}

function fail(key: string, message: string): never {
  throw new ConfigError("bad-option", `${key}: ${message}`, [{ path: [key], message }]);
}
