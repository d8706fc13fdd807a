/**
 * Values that all routers of a host share, in memory and, where there is a
 * folder, in a file.
 *
 * ```
 *   question ──▶ memory ──▶ changes since the last write ──▶ file, and the disk ──▶ all answers that waited
 * ```
 * An answer that tells of a change leaves when the disk has it: what a router has acted on is known
 * after a crash of the machine, too. While the file cannot be written nothing is answered.
 */
import { existsSync } from "node:fs";
import { equalBytes, type ValueQuestion } from "@echarde/core";
import { AppendLog } from "../state/append-log.ts";
import type { HostValues, ValueAnswer } from "./host-values.ts";
import { encodePut, encodeUse, readValues, type StoredValue } from "./stored-value.ts";

/** What it is made of. */
export interface ValueStoreOptions {
  /** Hears when the file cannot be written, and when it can again (null). */
  readonly failing: (error: Error | null) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Most values; 100,000 unless given. */
  readonly most?: number;
}

/** See the module. */
export class ValueStore implements HostValues {
  readonly #options: ValueStoreOptions;
  readonly #most: number;
  /** The longest unused first. */
  #values = new Map<string, StoredValue>();
  #file: string | null = null;
  #log: AppendLog | null = null;
  #lines: Uint8Array[] = [];
  /** The last write, to come or done: whether all until then is on the disk. */
  #written: Promise<boolean> = Promise.resolve(true);
  /** It has not begun: more may go along. */
  #gathering = false;
  #failing = false;
  #triedAt = 0;
  #closed = false;

  constructor(options: ValueStoreOptions) {
    this.#options = options;
    this.#most = options.most ?? mostValues;
  }

  open(file: string | null): void {
    this.#file = file;
    if (file === null || !existsSync(file)) return;
    this.#log = new AppendLog(file);
    this.#values = readValues(this.#log.read());
    this.#bound();
  }

  async answer({ kind, key, value, over }: ValueQuestion): Promise<ValueAnswer> {
    const now = this.#options.now();
    if (this.#closed || (this.#failing && !this.#retry(now))) return undefined;
    const name = `${kind} ${key}`;
    const known = this.#live(name, now);
    const standing = known?.value ?? null;
    const changes = value !== null && fits(standing, over);
    if (changes) this.#put(name, { value, usedAt: now });
    else if (known !== null) this.#use(name, known, now);
    // What stands may be on its way to the file, by another's question.
    if (!(await this.#written)) return undefined;
    return changes ? value : standing;
  }

  close(): void {
    this.#closed = true;
    void this.#written.then(() => this.#log?.close());
  }

  #live(name: string, now: number): StoredValue | null {
    const known = this.#values.get(name);
    return known === undefined || known.usedAt + longestUnused <= now ? null : known;
  }

  #put(name: string, stored: StoredValue): void {
    this.#values.delete(name);
    this.#values.set(name, stored);
    this.#bound();
    this.#write(encodePut(name, stored));
  }

  #use(name: string, { value, usedAt }: StoredValue, now: number): void {
    if (now - usedAt < noticed) return;
    this.#values.delete(name);
    this.#values.set(name, { value, usedAt: now });
    this.#write(encodeUse(name, now));
  }

  /** The file says nothing of those that are forgotten: who reads it forgets the same. */
  #bound(): void {
    const now = this.#options.now();
    for (const [name, { usedAt }] of this.#values) {
      if (this.#values.size <= this.#most && usedAt + longestUnused > now) break;
      this.#values.delete(name);
    }
  }

  #write(line: Uint8Array): void {
    if (this.#file === null) return;
    this.#lines.push(line);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#written = this.#written.then(() => this.#flush());
  }

  /** All questions of one turn go to the disk at once. */
  async #flush(): Promise<boolean> {
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#lines;
    this.#lines = [];
    this.#gathering = false;
    if (this.#failing || this.#closed) return false;
    try {
      this.#log ??= new AppendLog(this.#file ?? "");
      if (this.#log.isLong) this.#rewrite(this.#log);
      else this.#log.append(lines);
      await this.#log.sync();
      return true;
    } catch (error) {
      this.#triedAt = this.#options.now();
      this.#failing = true;
      this.#options.failing(error as Error);
      return false;
    }
  }

  /** Whether the file can be written again. */
  #retry(now: number): boolean {
    if (now - this.#triedAt < retryEvery) return false;
    this.#triedAt = now;
    try {
      this.#log ??= new AppendLog(this.#file ?? "");
      this.#rewrite(this.#log);
    } catch {
      return false;
    }
    this.#failing = false;
    this.#written = Promise.resolve(true);
    this.#options.failing(null);
    return true;
  }

  #rewrite(log: AppendLog): void {
    log.rewrite([...this.#values].map(([name, stored]) => encodePut(name, stored)));
  }
}

function fits(standing: Uint8Array | null, over: ValueQuestion["over"]): boolean {
  if (over === "anything") return true;
  return over === null || standing === null ? over === standing : equalBytes(over, standing);
}

/** Some 30 MB with what a few clusters gave. Who asks for one more has the longest unused one forgotten. */
const mostValues = 100_000;
/** Milliseconds: `transactional.id.expiration.ms` of brokers, who forget plain producers after a day. */
const longestUnused = 7 * 24 * 3_600_000;
/** Milliseconds within which it does not matter when it was asked for. */
const noticed = 3_600_000;
/** Milliseconds until a file that cannot be written is tried again. */
const retryEvery = 1_000;
