/** What is written and asked for: the same in every run. */

/** Database of the benchmark. */
export const DATABASE = "bench";
/** Hosts whose readings are stored; the tag that measurements are split by. */
const HOSTS = 100;
/** Readings of each host, one a minute. */
const MINUTES = 400;
/** Unix seconds of the first. */
const START = 1_700_000_000;

/**
 * Lines of a batch, each with a time of its own in nanoseconds. Hosts take turns, as in what an
 * agent collects.
 *
 * @param first - number of the first line: another number, other points
 */
export function linesOf(measurement: string, count: number, first: number): Buffer {
  const lines: string[] = [];
  for (let i = first; i < first + count; i++) {
    const host = i % HOSTS;
    const seconds = START + Math.floor(i / HOSTS) * 60;
    const fields = `value=${((i * 7919) % 10_000) / 100},count=${i % 1000}i`;
    lines.push(
      `${measurement},host=h${host},region=r${host % 4} ${fields} ${seconds}${String(i % 1e9).padStart(9, "0")}\n`,
    );
  }
  return Buffer.from(lines.join(""));
}

/** Batches that fill `readings`, which is read. */
export function readings(): Buffer[] {
  return Array.from({ length: (HOSTS * MINUTES) / 5000 }, (_, i) =>
    linesOf("readings", 5000, i * 5000),
  );
}

/** The kinds of reads. */
export const reads = {
  /** One point of one host. */
  point: (i: number): string => select("value", i, 1),
  /** 100 points of one host. */
  scan: (i: number): string => select("value, count", i, 100),
  /** A mean for every ten minutes of all hosts together: it meets every shard. */
  aggregate: (i: number): string => {
    const from = START + ((i * 13) % (MINUTES - 100)) * 60;
    const time = `time >= ${from}s AND time < ${from + 100 * 60}s`;
    return `SELECT mean(value) FROM readings WHERE ${time} GROUP BY time(10m)`;
  },
} as const;

function select(columns: string, i: number, minutes: number): string {
  const from = START + ((i * 13) % (MINUTES - 100)) * 60;
  const time = `time >= ${from}s AND time < ${from + minutes * 60}s`;
  return `SELECT ${columns} FROM readings WHERE host = 'h${(i * 37) % HOSTS}' AND ${time}`;
}
