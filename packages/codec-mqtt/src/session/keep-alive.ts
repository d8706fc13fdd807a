/**
 * Time in a session: the client's silence, and whether brokers still answer.
 *
 * ```
 *   no CONNECT for 10 s ──▶ the connection ends
 *   client silent for one and a half times its keep alive ──▶ it is ended, as a broker would
 *   half a keep alive, 30 s at most ──▶ PINGREQ to each broker
 * ```
 * A client's own PINGREQ is answered here: that its links live is known.
 */

/** See the module. */
export class KeepAlive {
  /** When to look again. */
  wakeAt: number;
  #heardAt: number;
  #clientTimeout: number = Number.POSITIVE_INFINITY;
  #pingEvery: number = Number.POSITIVE_INFINITY;
  #pingAt: number = Number.POSITIVE_INFINITY;

  /** Before CONNECT a client has ten seconds. */
  constructor(now: number) {
    this.#heardAt = now;
    this.#clientTimeout = connectPatience;
    this.wakeAt = now + connectPatience;
  }

  /** The client has sent something. */
  heard(now: number): void {
    this.#heardAt = now;
  }

  /** CONNECT has come: what is waited for are brokers, each at most `requestTimeout`. */
  introduced(): void {
    this.#clientTimeout = openingPatience;
    this.#arm();
  }

  /** The session stands. Seconds that the client promised and that brokers heard; 0 = none. */
  begin(now: number, keepAlive: number): void {
    this.#heardAt = now;
    this.#clientTimeout = keepAlive === 0 ? Number.POSITIVE_INFINITY : keepAlive * 1_500;
    this.#pingEvery = keepAlive === 0 ? longestPing : Math.min(longestPing, keepAlive * 500);
    this.#pingAt = now + this.#pingEvery;
    this.#arm();
  }

  /** The moment has come: what is to be done. */
  look(now: number): "nothing" | "ping" | "timeout" {
    let what: "nothing" | "ping" | "timeout" = "nothing";
    if (now - this.#heardAt >= this.#clientTimeout) what = "timeout";
    else if (now >= this.#pingAt) {
      this.#pingAt = now + this.#pingEvery;
      what = "ping";
    }
    this.#arm();
    return what;
  }

  #arm(): void {
    this.wakeAt = Math.min(this.#heardAt + this.#clientTimeout, this.#pingAt);
  }
}

const connectPatience = 10_000;
/** For brokers that hang, one after the other; a client has given up by then. */
const openingPatience = 120_000;
const longestPing = 30_000;
