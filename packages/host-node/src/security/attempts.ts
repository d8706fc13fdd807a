/**
 * Wrong passwords by the address that they come from: so many at once, then
 * one a second. Above that none is checked, so that guessing is slow whatever
 * a check costs. The table is bounded: an address whose time is over is
 * forgotten first, then the one that was wrong longest ago.
 */

/** See the module. */
export class Attempts {
  /** How many an address may have wrong at once; 0 = any number. */
  most: number;
  readonly #now: () => number;
  /** When all that an address had wrong is forgiven, in the order of the last one. */
  readonly #forgivenAt = new Map<string, number>();

  /** @param now - milliseconds, any origin */
  constructor(most: number, now: () => number) {
    this.most = most;
    this.#now = now;
  }

  /** Whether a password from there is checked. Null (a Unix socket) is no address: the file's permissions say who may connect. */
  allows(address: string | null): boolean {
    if (address === null || this.most === 0) return true;
    const until = this.#forgivenAt.get(groupOf(address)) ?? 0;
    return until - this.#now() <= (this.most - 1) * forgiveTime;
  }

  /** One from there was wrong. */
  wrong(address: string | null): void {
    if (address === null || this.most === 0) return;
    const group = groupOf(address);
    const now = this.#now();
    const until = Math.max(now, this.#forgivenAt.get(group) ?? 0) + forgiveTime;
    this.#forgivenAt.delete(group);
    if (this.#forgivenAt.size >= mostAddresses) this.#forget(now);
    this.#forgivenAt.set(group, until);
  }

  #forget(now: number): void {
    for (const [group, until] of this.#forgivenAt) if (until <= now) this.#forgivenAt.delete(group);
    const [oldest] = this.#forgivenAt.keys();
    if (this.#forgivenAt.size >= mostAddresses && oldest !== undefined)
      this.#forgivenAt.delete(oldest);
  }
}

/** Whoever has one address of IPv6 has its whole /64. */
function groupOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined || !address.includes(":")) return v4 ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  while (tail !== undefined && groups.length < 8 - rest) groups.push("0");
  return groups.slice(0, 4).join(":");
}

/** Milliseconds after which one is forgiven. */
const forgiveTime = 1_000;
/** Some megabytes. */
const mostAddresses = 10_000;
