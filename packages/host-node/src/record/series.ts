/**
 * Series of a batch in line protocol: what stands before the first space of a
 * line that no `\` is before.
 *
 * ```
 * line = series " " fields [" " time]      fields: a line end inside of "…" belongs to the value
 * ```
 */

/** Series of the lines, each once, in order. No bytes of fields are among them. */
export function seriesOf(batch: Uint8Array): string[] {
  const found = new Set<string>();
  const text = Buffer.from(batch.buffer, batch.byteOffset, batch.length).toString("latin1");
  let at = 0;
  while (at < text.length) {
    const from = at;
    if (text[at] === "#") {
      at = lineEnd(text, at);
      continue;
    }
    while (at < text.length && text[at] !== " " && text[at] !== "\n")
      at += text[at] === "\\" ? 2 : 1;
    const series = text.slice(from, at);
    if (text[at] === " " && series !== "" && !/[\r\n]/.test(series)) found.add(series);
    at = fieldsEnd(text, at);
  }
  return [...found].map((series) => Buffer.from(series, "latin1").toString("utf8"));
}

/** Behind the line end that ends the fields at `from`: as the server does, quotes count behind `=` alone. */
function fieldsEnd(text: string, from: number): number {
  let [inText, isValue] = [false, false];
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === "\\") at += 1;
    else if (inText) inText = char !== '"';
    else if (char === "\n") return at + 1;
    else if (char === "=") isValue = true;
    else if (char === ",") isValue = false;
    else if (char === '"') inText = isValue;
  }
  return text.length;
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at + 1;
}
