import type { Limits } from "./codec.ts";
import { ConfigError } from "./errors.ts";

/**
 * Defaults, each with its reason.
 *
 * - `maxRequest` 64 MiB: a batch that must be split is held whole; the servers' own limits (512 MiB for one value)
 *   need no holding, since a value for one cluster is cut through.
 * - `maxInFlight` 16,384: deeper than any client pipelines by default, and 10 MiB of bookkeeping at most.
 * - `maxOutput` 64 MiB, `stallTimeout` 10 s: a reader that is only slow lives, one that has stopped goes.
 * - `maxMemory` 1 GiB: above the sum of what a thousand honest clients hold.
 * - `requestTimeout` 5 s, `connectTimeout` 1 s: a hung server is noticed before its clients' own patience ends.
 * - `idleTimeout` 60 s: below the five minutes after which common middle boxes forget a connection.
 * - `minBackoff` 50 ms, `maxBackoff` 500 ms: a restarted server is back in use within a second.
 * - `drainTimeout` 30 s: longer than any request, shorter than a deployment waits.
 * - `maxTimeouts` 16: a link whose server answers nothing is replaced before its tombstones pile up.
 */
export const defaultLimits: Limits = {
  maxRequest: 64 << 20,
  maxInFlight: 16_384,
  maxOutput: 64 << 20,
  stallTimeout: 10_000,
  maxMemory: 1 << 30,
  requestTimeout: 5_000,
  connectTimeout: 1_000,
  idleTimeout: 60_000,
  minBackoff: 50,
  maxBackoff: 500,
  drainTimeout: 30_000,
  maxTimeouts: 16,
};

/** The defaults with `given` over them. Throws `ConfigError` unless each is a positive number. */
export function limitsOf(given: Partial<Limits>): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaultLimits) || typeof value !== "number" || !(value > 0)) {
      throw new ConfigError(
        "bad-option",
        `limits.${name} must be a known limit and a positive number`,
        [{ path: ["limits", name], message: "must be a known limit and a positive number" }],
      );
    }
  }
  return { ...defaultLimits, ...given };
}
