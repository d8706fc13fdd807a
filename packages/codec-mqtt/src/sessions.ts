/**
 * Sessions of a router by client id: which connection has it, and what is
 * kept for the next one.
 *
 * ```
 *   arrives ──refused by a broker──▶ gone; an older connection stays
 *     └──accepted by all──▶ claim ──an older connection has it──▶ that one is told, and ends
 *   claim ──▶ in use ──release, kept──▶ resting ──claim──▶ in use
 *              └──release, not kept──▶ gone     └──expired · too many──▶ gone
 * ```
 */
import { type Dropped, noneDropped } from "./session/dropped.ts";
import type { SessionState } from "./session/session-state.ts";
import type { Connack } from "./wire/packets.ts";

/** A connection that may lose its session to another. */
export interface Holder {
  /** Another connection has the client id now. */
  takenOver(): void;
}

/** See the module. */
export class Sessions {
  /** What brokers have granted that were opened late, by name: the next client is told from the start. */
  readonly learned: Map<string, Connack> = new Map<string, Connack>();
  /** Messages that were not passed on. */
  readonly dropped: Dropped = noneDropped();
  readonly #holders = new Map<string, Holder>();
  readonly #resting = new Map<string, SessionState>();
  readonly #inUse = new Map<string, SessionState>();
  /** Connections that wait for the brokers' word, by client id. */
  readonly #arriving = new Map<string, number>();
  readonly #seed: string;
  #made = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** A client id for a client that has none. */
  newClientId(now: number): string {
    this.#made += 1;
    return `e${this.#seed}${Math.floor(now).toString(36)}${this.#made.toString(36)}`;
  }

  /** A connection asks the brokers for the client id (1), or has their answer (-1). */
  arrives(clientId: string, change: 1 | -1): void {
    const many = (this.#arriving.get(clientId) ?? 0) + change;
    if (many > 0) this.#arriving.set(clientId, many);
    else this.#arriving.delete(clientId);
  }

  /** Whether another connection may be why brokers close the links of the one that has the client id. */
  isContended(clientId: string): boolean {
    return this.#arriving.has(clientId);
  }

  /** What this router still has of a session; null = nothing. */
  kept(clientId: string, now: number): SessionState | null {
    const kept = this.#inUse.get(clientId) ?? this.#resting.get(clientId);
    return kept !== undefined && kept.expiresAt > now ? kept : null;
  }

  /**
   * A connection that the brokers accept takes the client id, with a state that has adopted what was kept.
   * Not before they accept it: who does not know the password must not end who does.
   */
  claim(clientId: string, holder: Holder, state: SessionState): void {
    this.#holders.get(clientId)?.takenOver();
    this.#resting.delete(clientId);
    this.#holders.set(clientId, holder);
    this.#inUse.set(clientId, state);
  }

  /** The connection has gone; its session is kept until then, if that is in the future. */
  release(clientId: string, holder: Holder, until: number, now: number): void {
    if (this.#holders.get(clientId) !== holder) return;
    const state = this.#inUse.get(clientId);
    this.#holders.delete(clientId);
    this.#inUse.delete(clientId);
    state?.rest(until);
    if (state === undefined || until <= now) return;
    this.#resting.set(clientId, state);
    // The one that rests longest goes: its QoS 2 messages may then come twice.
    const [oldest] = this.#resting.keys();
    if (this.#resting.size > maxResting && oldest !== undefined) this.#resting.delete(oldest);
  }
}

/** Sessions kept without a connection: some 100 MB at a thousand bytes and ten subscriptions each. */
const maxResting = 100_000;
