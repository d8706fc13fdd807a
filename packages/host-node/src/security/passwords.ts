/**
 * Checks passwords of users. A right one is remembered under a key that lives
 * as long as the process does, so that clients which connect often do not pay
 * for scrypt each time; wrong ones cost the same for users that do not exist.
 */
import { createHmac, randomBytes } from "node:crypto";
import type { Credentials } from "@echarde/core";
import { matches, type ScryptHash } from "./password-hash.ts";
import type { User } from "./read-users.ts";

/** See the module. One for each set of users. */
export class Passwords {
  readonly #users: ReadonlyMap<string, User>;
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, Buffer>();
  readonly #costly: ScryptHash | null;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(users: ReadonlyMap<string, User>) {
    this.#users = users;
    const hashes = [...users.values()].flatMap((user) => user.hashes);
    this.#costly = hashes.find((hash) => hash.type === "scrypt") ?? null;
  }

  /** Whether there is such a user with this password; undefined when too many others wait for the same. */
  async check({ user: name, password }: Credentials): Promise<boolean | undefined> {
    const user = this.#users.get(name);
    if (user?.open === true) return true;
    const bytes = password.reveal();
    const mac = createHmac("sha256", this.#key).update(name).update("\0").update(bytes).digest();
    if (this.#right.get(name)?.equals(mac) === true) return true;
    const hashes = user?.hashes ?? (this.#costly === null ? [] : [this.#costly]);
    let right = false;
    for (const hash of hashes) {
      if (hash.type === "scrypt" && !(await this.#turn())) return undefined;
      try {
        if (await matches(hash, bytes)) right = true;
      } finally {
        if (hash.type === "scrypt") this.#done();
      }
    }
    if (!right || user === undefined) return false;
    this.#right.set(name, mac);
    return true;
  }

  /** Waits until one of the few places is free; false when the queue is full. */
  #turn(): Promise<boolean> {
    if (this.#running < atOnce) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    if (this.#waiting.length >= mostWaiting) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push(() => resolve(true)));
  }

  #done(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** Checks under way: half of Node's threads, so that files and names are still looked up. */
const atOnce = 2;
/** Checks that wait: more would have no answer in time. */
const mostWaiting = 256;
