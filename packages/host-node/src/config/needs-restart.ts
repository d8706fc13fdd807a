import { defaultLimits } from "@echarde/core";
import { formatAddress } from "../address.ts";
import { type HostSettings, placeOf } from "./host-settings.ts";

/** Names of the settings that differ and count from the next start only: sockets and limits are made once. */
export function needsRestart(running: HostSettings, wanted: HostSettings): readonly string[] {
  const places: string[] = [];
  const differ = (place: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) !== JSON.stringify(b)) places.push(place);
  };
  differ("listen", running.listen.map(formatAddress), wanted.listen.map(formatAddress));
  differ("admin.listen", running.admin.listen, wanted.admin.listen);
  differ("timeouts.keepAlive", running.keepAlive, wanted.keepAlive);
  const [before, after] = [running, wanted].map(({ limits }) => ({ ...defaultLimits, ...limits }));
  for (const [name, value] of Object.entries(before ?? {})) {
    differ(placeOf(name), value, (after as Record<string, unknown> | undefined)?.[name]);
  }
  return places;
}
