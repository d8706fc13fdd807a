import { formatAddress } from "../address.ts";
import type { HostFinding, HostSettings } from "./host-settings.ts";

/** What of a configuration cannot be taken over while the server runs: sockets and processes are made once, and a codec reads its options when it starts, but for those that `live` names. */
export function needsRestart(
  running: { readonly settings: HostSettings; readonly options: unknown },
  wanted: { readonly settings: HostSettings; readonly options: unknown },
  live: readonly string[],
): readonly HostFinding[] {
  const findings: HostFinding[] = [];
  const differ = (path: readonly string[], a: unknown, b: unknown): void => {
    if (JSON.stringify(a) === JSON.stringify(b)) return;
    findings.push({ path, message: "cannot change while it runs: restart it, or change it back" });
  };
  const [before, after] = [running.settings, wanted.settings];
  differ(["listen"], before.listen.map(formatAddress), after.listen.map(formatAddress));
  differ(["workers"], before.workers, after.workers);
  differ(["stateDir"], before.stateDir, after.stateDir);
  differ(["admin", "listen"], before.admin.listen, after.admin.listen);
  differ(["timeouts", "keepAlive"], before.keepAlive, after.keepAlive);
  differ(["options"], sorted(running.options, live), sorted(wanted.options, live));
  return findings;
}

function sorted(options: unknown, live: readonly string[]): unknown {
  const fixed = Object.entries(options ?? {}).filter(([name]) => !live.includes(name));
  return fixed.sort(([a], [b]) => (a < b ? -1 : 1));
}
