/** Counts what a run has seen. */

/** See the module. */
export class Tally {
  /** Commands sent to the router. */
  commands = 0;
  /** Of these, those that several clusters ran. */
  crossed = 0;
  /** Of these, those that the router refused because of their keys, or inside a transaction. */
  refused = 0;
  /** Replies that were errors, on both sides the same. */
  errors = 0;
  /** Replies that were no errors, by command. */
  readonly successes: Map<string, number> = new Map<string, number>();

  /** Counts a reply that is no error. */
  success(label: string): void {
    this.successes.set(label, (this.successes.get(label) ?? 0) + 1);
  }

  /** Share of the commands that several clusters ran. */
  get share(): number {
    return this.crossed / Math.max(1, this.commands);
  }

  /** Expected commands that succeeded less often than `least` times, with how often. */
  rare(expected: readonly string[], least: number): string[] {
    return expected.flatMap((label) => {
      const count = this.successes.get(label) ?? 0;
      return count < least ? [`${label} ${count}`] : [];
    });
  }

  /** All of it in words. */
  toString(): string {
    const list = [...this.successes].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      `${this.commands} commands, ${(this.share * 100).toFixed(1)} % over several clusters, ${this.refused} refused as expected, ${this.errors} errors alike`,
      `successes: ${list.map(([label, count]) => `${label} ${count}`).join(", ")}`,
    ].join("\n");
  }
}
