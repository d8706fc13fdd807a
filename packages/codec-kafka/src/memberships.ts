/**
 * Members of groups that a client beats for, and when their offsets on foreign clusters are committed again:
 * a cluster that knows no members of a group drops its offsets `offsets.retention.minutes` after the commit.
 *
 * ```
 *   heartbeat ──▶ known ──its time──▶ under way ──▶ known, a day later ─ or a minute, when it failed
 *                                        └── the cluster does not know the member (any more) ──▶ forgotten
 * ```
 */

/** A member of a group. */
export interface Membership {
  /** Group id. */
  readonly group: string;
  /** Member id. */
  readonly member: string;
}

/** When it is each member's turn, for all clients of a router: a connection may be shorter than the time. */
export class RefreshTimes {
  readonly #times = new Map<string, number>();

  /** Unix milliseconds; undefined = not known. */
  of(membership: Membership): number | undefined {
    return this.#times.get(keyOf(membership));
  }

  /** Sets it. */
  set(membership: Membership, at: number): void {
    const key = keyOf(membership);
    this.#times.delete(key);
    const [oldest] = this.#times.keys();
    if (this.#times.size >= manyMembers && oldest !== undefined) this.#times.delete(oldest);
    this.#times.set(key, at);
  }

  /** It is a member no more. */
  forget(membership: Membership): void {
    this.#times.delete(keyOf(membership));
  }
}

/** See the module. Of one client. */
export class Memberships {
  /** When `due` is worth a call, Unix milliseconds. */
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly #times: RefreshTimes;
  readonly #mine = new Map<string, Membership>();
  /** Those whose offsets are being refreshed, and what the client has committed meanwhile. */
  readonly #underWay = new Map<string, Set<string>>();

  constructor(times: RefreshTimes) {
    this.#times = times;
  }

  /** The client beats for a member; its first turn is at `first`, unless the router knows better. */
  beat(membership: Membership, first: number): void {
    const key = keyOf(membership);
    if (this.#mine.has(key) || this.#mine.size >= manyOfOne) return;
    this.#mine.set(key, membership);
    if (this.#times.of(membership) === undefined) this.#times.set(membership, first);
    this.#look();
  }

  /** Those whose turn it is; they are under way from now on. */
  due(now: number): readonly Membership[] {
    const due: Membership[] = [];
    for (const [key, membership] of this.#mine) {
      if (this.#underWay.has(key) || this.#timeOf(membership) > now) continue;
      this.#underWay.set(key, new Set());
      due.push(membership);
    }
    this.#look();
    return due;
  }

  /** The client commits an offset. */
  commits(group: string, topic: string, partition: number): void {
    for (const [key, committed] of this.#underWay) {
      if (this.#mine.get(key)?.group === group) committed.add(`${partition} ${topic}`);
    }
  }

  /** Whether the client has committed one since its member's turn began: what was read before is old. */
  hasCommitted(membership: Membership, topic: string, partition: number): boolean {
    const committed = this.#underWay.get(keyOf(membership));
    return committed === undefined || committed.has(`${partition} ${topic}`);
  }

  /** The turn is over; the next one is at `next`, null = it is a member no more. */
  done(membership: Membership, next: number | null): void {
    const key = keyOf(membership);
    this.#underWay.delete(key);
    if (next !== null) this.#times.set(membership, next);
    else {
      this.#times.forget(membership);
      this.#mine.delete(key);
    }
    this.#look();
  }

  /** The client is gone. */
  clear(): void {
    this.#mine.clear();
    this.#underWay.clear();
    this.#look();
  }

  #timeOf(membership: Membership): number {
    return this.#times.of(membership) ?? 0;
  }

  #look(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const [key, membership] of this.#mine) {
      if (!this.#underWay.has(key)) first = Math.min(first, this.#timeOf(membership));
    }
    this.wakeAt = first;
  }
}

function keyOf({ group, member }: Membership): string {
  return `${member} ${group}`;
}

/** Members of all clients; one that is forgotten has its first turn again. */
const manyMembers = 100_000;
/** Clients beat for one member on a connection, or for a few. */
const manyOfOne = 1_000;
