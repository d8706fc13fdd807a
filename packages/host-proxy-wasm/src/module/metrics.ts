/** Counters of one filter in Envoy's statistics. */
import { operations, type Records } from "./records.ts";

/** Names and kinds; 0 = counter, 1 = gauge. */
const kinds = {
  connections: 0,
  connections_active: 1,
  configurations: 0,
  failures: 0,
  overloads: 0,
} as const;

/** See the module; `wasmcustom.echarde.<name>.<counter>` in Envoy. */
export class Metrics {
  /** Slots that it uses. */
  readonly size: number = Object.keys(kinds).length;
  readonly #records: Records;
  readonly #slots = new Map<string, number>();

  constructor(records: Records, firstSlot: number, name: string) {
    this.#records = records;
    let slot = firstSlot;
    for (const [counter, kind] of Object.entries(kinds)) {
      this.#slots.set(counter, slot);
      records.numbers(operations.defineMetric, slot, kind, `echarde.${name}.${counter}`);
      slot += 1;
    }
  }

  /** Adds to a counter. */
  add(counter: keyof typeof kinds, by: number): void {
    this.#records.metric(this.#slots.get(counter) ?? 0, by);
  }
}
