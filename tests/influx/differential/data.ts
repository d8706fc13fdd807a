/** Random points, in one shard group, so that time does not decide which columns there are. */
import type { Choices } from "./random.ts";

/** First second of all data. */
export const firstSecond = 1_600_000_000;
/** Seconds that the data are spread over. */
export const seconds = 120;

const hosts = ["a", "b", "c", "d", "h e", "f,g", "ü=1", "back\\slash"];
const centres = ["x", "y", ""];

/** Lines for one database, in nanoseconds. Field `u` is different in every point of a measurement. */
export function randomLines(choices: Choices, count: number): readonly string[] {
  const lines: string[] = [];
  const types = { n: "i", f: "", s: '"', k: "b" };
  for (let i = 0; i < count; i++) {
    const measurement = choices.of(["cpu", "cpu", "net", "two", "mem", "disk io"]);
    const host = choices.of(hosts);
    const centre = choices.of(centres);
    const tags = [`host=${escaped(host)}`];
    if (centre !== "") tags.push(`dc=${centre}`);
    if (choices.percent(30)) tags.push(`rack=r${choices.below(2)}`);
    if (choices.percent(50)) tags.reverse();
    const fields = [`u=${i + 0.25}`];
    // Some hosts never have some fields: their servers do not know them.
    const has = (field: string): boolean =>
      choices.percent(60) && (hosts.indexOf(host) + field.charCodeAt(0)) % 4 !== 0;
    if (has("n")) fields.push(`n=${choices.below(200) - 100}${types.n}`);
    if (has("f")) fields.push(`f=${choices.below(1000) / 8 - 20}`);
    if (has("s"))
      fields.push(`s="${choices.of(["p", "q", 'r"', "<&>", "l\\n"]).replace(/"/g, '\\"')}"`);
    if (has("k")) fields.push(`k=${choices.percent(50)}`);
    if (choices.percent(1))
      fields.push(
        `big=${choices.of(["9223372036854775807", "-9223372036854775808", "4611686018427387904"])}i`,
      );
    const ns = choices.percent(90) ? "000000000" : String(choices.below(1e9)).padStart(9, "0");
    const time = `${firstSecond + choices.below(seconds)}${ns}`;
    lines.push(`${escaped(measurement)},${tags.join(",")} ${fields.join(",")} ${time}`);
  }
  return lines;
}

function escaped(text: string): string {
  return text.replace(/[,= ]/g, "\\$&");
}
