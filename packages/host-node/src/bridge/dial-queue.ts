/**
 * Connects in the order of asking, few at once: a thousand clients that come together would
 * otherwise overflow what servers let wait, and each of their connects would time out.
 */

/** Takes turns; see the module. */
export class DialQueue {
  readonly #most: number;
  #under = 0;
  readonly #waiting: Dial[] = [];

  /** At most so many at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Calls `start` when it is its turn, now or later, unless it has settled before. */
  add(start: () => void): Dial {
    const dial = new Dial(start, () => this.#settled());
    this.#waiting.push(dial);
    this.#next();
    return dial;
  }

  #next(): void {
    while (this.#under < this.#most && this.#waiting.length > 0) {
      if (this.#waiting.shift()?.begin() === true) this.#under += 1;
    }
  }

  #settled(): void {
    this.#under -= 1;
    this.#next();
  }
}

/** One connect. */
export class Dial {
  readonly #start: () => void;
  readonly #done: () => void;
  #state: "waiting" | "under way" | "settled" = "waiting";

  /** `done` is called when it settles after its beginning. */
  constructor(start: () => void, done: () => void) {
    this.#start = start;
    this.#done = done;
  }

  /** Starts it, unless it has settled; whether it did. */
  begin(): boolean {
    if (this.#state !== "waiting") return false;
    this.#state = "under way";
    this.#start();
    return true;
  }

  /** It stands, has failed, or is not wanted any more. A second call does nothing. */
  settle(): void {
    const before = this.#state;
    this.#state = "settled";
    if (before === "under way") this.#done();
  }
}
