import { median } from "./runner.ts";

/** The cost of one function. */
export interface MicroResult {
  /** What was called. */
  readonly name: string;
  /** Nanoseconds of one call: median of the batches. */
  readonly nsPerOp: number;
}

/** A function whose cost is measured without sockets. */
export interface Micro {
  /** What is called, such as `core: route of a 10-byte key`. */
  readonly name: string;
  /**
   * Builds its input, from a fixed seed.
   *
   * @returns a loop that calls it so many times and uses every result
   */
  open(): (iterations: number) => void;
}

const BATCHES = 15;

/**
 * Measures functions one after the other, in this process.
 *
 * @param batchMs - how long one batch lasts
 */
export function measureMicro(micros: readonly Micro[], batchMs: number = 50): MicroResult[] {
  return micros.map(({ name, open }) => {
    const loop = open();
    let iterations = 64;
    while (timed(loop, iterations) < batchMs) iterations *= 2;
    const costs: number[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      costs.push((timed(loop, iterations) * 1e6) / iterations);
    }
    return { name, nsPerOp: median(costs) };
  });
}

function timed(loop: (iterations: number) => void, iterations: number): number {
  const start = performance.now();
  loop(iterations);
  return performance.now() - start;
}
