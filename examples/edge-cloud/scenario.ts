/** What the three parts have in common: a cloud that is far away, and what is measured. */
import { type Relay, startRelay } from "@echarde/testkit/servers";

/** How much there is to do. */
export interface Scale {
  /** Devices, each with a connection of its own. */
  readonly devices: number;
  /** Alerts of each device; between two of them it sends telemetry. */
  readonly alerts: number;
}

/** What came out of one table. */
export interface Figures {
  /** Milliseconds from the device to the alert handler, one for each alert. */
  readonly latencies: readonly number[];
  /** Bytes that left the site for the cloud, all connections and acknowledgements. */
  readonly toCloud: number;
}

/** The same traffic with two routing tables. */
export interface Comparison {
  readonly protocol: string;
  /** With no rule: the default cluster, which is the cloud, has all. */
  readonly inCloud: Figures;
  /** With one rule for what stays at the edge. */
  readonly atEdge: Figures;
  /** What stays, in words. */
  readonly stays: string;
}

/** Milliseconds to the cloud, and as many back. */
export const DELAY = 30;
/** Telemetry messages between two alerts. */
export const TELEMETRY = 5;
/** Milliseconds between two messages of a device. */
export const PACE = 5;

/** Puts the cloud far away: what goes there and what comes back is late, and counted. */
export function farAway(port: number): Promise<Relay> {
  return startRelay(port, { toServer: { delayMs: DELAY }, toClient: { delayMs: DELAY } });
}

/** Telemetry: 100 bytes. An alert has a picture with it: 1,000 bytes, which begin with the time that it was sent at. */
export const telemetry: string = "temperature=21.5 ".padEnd(100, ".");

/** See {@link telemetry}. */
export function alert(): string {
  return `${performance.now()} `.padEnd(1_000, ".");
}

/** Milliseconds since the alert was sent. */
export function ageOf(text: string): number {
  return performance.now() - Number.parseFloat(text);
}

/** The value that `share` of all are at most. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Waits until it is so. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const by = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > by) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What is to be ended, the last first. */
export class Ends {
  readonly #ends: (() => unknown)[] = [];

  /** Remembers how to end something. */
  add(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Ends all. */
  async run(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}
