/** One bar of a chart. */
export interface Bar {
  /** Whose it is; bars of one series have one colour. */
  readonly series: string;
  /** Its height. */
  readonly value: number;
}

/** Bars side by side. */
export interface BarGroup {
  /** What stands below. */
  readonly label: string;
  /** Its bars, from left to right. */
  readonly bars: readonly Bar[];
}

const COLOURS = ["#7a869a", "#b0b7c3", "#d98c3f", "#8a5fb0", "#2f6fb3", "#3d9a6a", "#c2506b"];
const HEIGHT = 240;
const BAR = 18;
const GAP = 24;
const LEFT = 60;
const TOP = 34;

/** A bar chart as an SVG file: readable on a light and on a dark page, no script, no font of its own. */
export function barChart(title: string, unit: string, groups: readonly BarGroup[]): string {
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ series }) => series)))];
  const most = Math.max(1e-9, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const step = niceStep(most / 4);
  const top = Math.ceil(most / step) * step;
  const y = (value: number): number => TOP + HEIGHT * (1 - value / top);
  const parts: string[] = [];
  for (let tick = 0; tick * step <= top * 1.0001; tick++) {
    const value = tick * step;
    parts.push(
      `<line x1="${LEFT}" x2="100%" y1="${y(value)}" y2="${y(value)}" stroke="#8884"/>`,
      text(LEFT - 6, y(value) + 4, round(value), "end"),
    );
  }
  let x = LEFT + GAP / 2;
  for (const { label, bars } of groups) {
    const width = Math.max(bars.length * BAR, label.length * 6.5);
    bars.forEach(({ series, value }, i) => {
      const at = x + (width - bars.length * BAR) / 2 + i * BAR;
      const colour = COLOURS[names.indexOf(series) % COLOURS.length];
      const words = escaped(`${series}, ${label}: ${round(value)} ${unit}`);
      parts.push(
        `<rect x="${at}" y="${y(value)}" width="${BAR - 3}" height="${TOP + HEIGHT - y(value)}" fill="${colour}"><title>${words}</title></rect>`,
      );
    });
    parts.push(text(x + width / 2, TOP + HEIGHT + 16, label, "middle"));
    x += width + GAP;
  }
  let legend = LEFT;
  for (const [i, name] of names.entries()) {
    const colour = COLOURS[i % COLOURS.length];
    parts.push(
      `<rect x="${legend}" y="${TOP + HEIGHT + 30}" width="10" height="10" fill="${colour}"/>`,
      text(legend + 14, TOP + HEIGHT + 39, name, "start"),
    );
    legend += 30 + name.length * 6.5;
  }
  const width = Math.ceil(Math.max(x, legend, LEFT + title.length * 7));
  const height = TOP + HEIGHT + 52;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#777">`,
    `<title>${escaped(`${title}, ${unit}`)}</title>`,
    text(LEFT, 18, `${title}, ${unit}`, "start"),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function text(x: number, y: number, words: string, anchor: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = least / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
