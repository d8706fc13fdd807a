/**
 * One run of a net: virtual time, what is to happen in it, the router's
 * inputs one after the other, and the log of the last of them.
 */
import { createRouter, type Effects, type Router, type RouterOptions } from "@echarde/core";
import { Random } from "./random.ts";
import { Schedule } from "./schedule.ts";
import type { Weather } from "./weather.ts";

/** A broken rule; the message ends with the last inputs of the run. */
export class NetError extends Error {
  override readonly name: string = "NetError";
}

/** What a run is made of. */
export interface NetRunOptions {
  /** The router under test. */
  readonly router: RouterOptions;
  /** Of the schedule. */
  readonly seed: number;
  /** Delays of everything that happens. */
  readonly weather: Weather;
  /** Inputs after which the run counts as a livelock. */
  readonly maxSteps: number;
  /** Does what an input asks for. */
  readonly carryOut: (effects: Effects) => void;
}

/** See the module. */
export class NetRun {
  /** The router under test. */
  readonly router: Router;
  /** Draws everything that is left to chance. */
  readonly random: Random;
  /** Virtual time, milliseconds. */
  now = 1_000_000;
  /** Inputs given so far. */
  steps = 0;
  readonly #options: NetRunOptions;
  readonly #schedule = new Schedule();
  readonly #log: string[] = [];
  #deadline = Number.POSITIVE_INFINITY;
  #spins = 0;

  constructor(options: NetRunOptions) {
    this.#options = options;
    this.random = new Random(options.seed);
    this.router = createRouter(options.router);
  }

  /** Lets time pass: at most `milliseconds`, less when nothing is left to happen. */
  run(milliseconds: number): void {
    const until = this.now + milliseconds;
    for (;;) {
      const next = Math.min(this.#schedule.next, this.#deadline);
      if (next > until || next === Number.POSITIVE_INFINITY) break;
      if (next > this.now) this.#spins = 0;
      this.now = Math.max(this.now, next);
      if (this.#deadline <= this.now) this.#tick();
      else this.#schedule.take()?.();
    }
    if (until !== Number.POSITIVE_INFINITY) this.now = until;
  }

  /** Has something happen after the weather's delay and `extra` milliseconds. */
  later(act: () => void, extra = 0): void {
    const { minDelay, maxDelay } = this.#options.weather;
    const delay = minDelay + this.random.below(maxDelay - minDelay + 1);
    this.#schedule.add(this.now + delay + extra, act);
  }

  /** Gives the router an input and has its effects carried out. `what` goes into the log. */
  input(what: string, act: (router: Router, now: number) => Effects): void {
    this.note(`${this.now} ${what}`);
    this.steps += 1;
    if (this.steps > this.#options.maxSteps) this.fail("livelock: too many inputs");
    let effects: Effects;
    try {
      effects = act(this.router, this.now);
    } catch (error) {
      this.fail(`threw ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    }
    if (this.router.heldBytes < 0) this.fail(`heldBytes is ${this.router.heldBytes}`);
    this.#deadline = effects.deadline;
    this.#options.carryOut(effects);
  }

  /** Writes a line into the log. */
  note(line: string): void {
    this.#log.push(line);
    if (this.#log.length > 40) this.#log.shift();
  }

  /** A rule is broken. Throws {@link NetError}. */
  fail(what: string): never {
    throw new NetError(
      `${what}\nseed ${this.#options.seed}; the last inputs:\n  ${this.#log.slice(-30).join("\n  ")}`,
    );
  }

  #tick(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.input("tick", (router, now) => router.tick(now));
    if (this.#deadline <= this.now && ++this.#spins > 3) {
      this.fail(`tick at ${this.now} asks for a tick at ${this.#deadline}: a host would spin`);
    }
  }
}
