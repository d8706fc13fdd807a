import { median } from "./runner.ts";

/** The cost of one function. */
export interface MicroResult {
  /** What was called. */
  readonly name: string;
  /** Nanoseconds of one call: median of the batches. */
  readonly nsPerOp: number;
}

/** Calls the measured function so many times, and uses every result. */
export type MicroLoop = (iterations: number) => void;

/** A function whose cost is measured without sockets. */
export interface Micro {
  /** What is called, such as `core: route of a key`. */
  readonly name: string;
  /** Builds its input, always the same; null when what it measures is not there. */
  open(): MicroLoop | null | Promise<MicroLoop | null>;
}

const BATCHES = 15;

/**
 * Measures functions one after the other, in this process.
 *
 * @param batchMs - how long one batch lasts
 */
export async function measureMicro(
  micros: readonly Micro[],
  batchMs: number = 50,
): Promise<MicroResult[]> {
  const results: MicroResult[] = [];
  for (const { name, open } of micros) {
    const loop = await open();
    if (loop === null) continue;
    let iterations = 64;
    while (timed(loop, iterations) < batchMs) iterations *= 2;
    const costs: number[] = [];
    for (let batch = 0; batch < BATCHES; batch++) {
      costs.push((timed(loop, iterations) * 1e6) / iterations);
    }
    results.push({ name, nsPerOp: median(costs) });
  }
  return results;
}

function timed(loop: MicroLoop, iterations: number): number {
  const start = performance.now();
  loop(iterations);
  return performance.now() - start;
}
