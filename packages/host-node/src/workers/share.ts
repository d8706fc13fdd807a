import { defaultLimits } from "@echarde/core";
import type { HostSettings } from "../config/host-settings.ts";

/**
 * A configuration as one of several workers has it: an equal part of what is limited for all
 * together, and no admin port, which is the first process's.
 */
export function shareOf(
  config: Readonly<Record<string, unknown>>,
  { maxClients, limits }: HostSettings,
  workers: number,
): Readonly<Record<string, unknown>> {
  const { workers: _, admin, ...rest } = config;
  const { listen: _listen, ...shown } = (admin ?? {}) as Readonly<Record<string, unknown>>;
  const maxMemory = limits.maxMemory ?? defaultLimits.maxMemory;
  return {
    ...rest,
    admin: shown,
    limits: {
      ...((config["limits"] ?? {}) as object),
      maxClients: Math.ceil(maxClients / workers),
      maxMemory: Math.max(1, Math.floor(maxMemory / workers)),
    },
  };
}
