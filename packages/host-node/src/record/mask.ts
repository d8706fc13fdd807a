/**
 * Leaves the values of a command out. What stays is what routing needs: its
 * name, its keys, words of the syntax. Whether that is enough is not guessed:
 * what is left is planned again, and has to be planned as before; where it is
 * not, numbers (as in `EVAL script 2 …`) stay as well, and where that does not
 * help, nothing but the name and the keys does.
 */
import type { Explanation } from "@echarde/core";
import type { Explain } from "./packets.ts";
import type { Word } from "./trace.ts";

/** What of a command is recorded. Null for one that may carry a password; of some the name alone, also when values are recorded. */
export function recorded(
  words: readonly Uint8Array[],
  values: boolean,
  explain: Explain,
): readonly Word[] | null {
  const label = Buffer.from(words[0] ?? [])
    .toString("latin1")
    .toUpperCase();
  if (words.length === 0 || secretive.has(label)) return null;
  if (label === "CONFIG" || label === "ACL") return lengths(words, (_, i) => i === 0);
  return values ? words : masked(words, label, explain);
}

function masked(words: readonly Uint8Array[], label: string, explain: Explain): readonly Word[] {
  const [, second] = words;
  const whole = explain(encodeCommand(words));
  const keys = new Set(whole.flatMap(({ keys: all }) => all.map(({ key }) => hex(key))));
  const isKey = (word: Uint8Array): boolean => keys.has(hex(word));
  const kept: ((word: Uint8Array, i: number) => boolean)[] = [
    (word, i) => i === 0 || isKey(word) || syntax.has(text(word)),
    (word, i) => i === 0 || isKey(word) || syntax.has(text(word)) || /^\d{1,4}$/.test(text(word)),
  ];
  if (second !== undefined && containers.has(label)) {
    const [first] = kept;
    kept.unshift((word, i) => i === 1 || first?.(word, i) === true);
  }
  for (const keep of kept) {
    const left = lengths(words, keep);
    if (planOf(explain(encodeCommand(left))) === planOf(whole)) return left;
  }
  return lengths(words, (word, i) => i === 0 || isKey(word));
}

/** A command in the bytes of the wire; what was left out is filled up. */
export function encodeCommand(words: readonly Word[]): Uint8Array {
  const parts = words.flatMap((word) => {
    const bytes = typeof word === "number" ? Buffer.alloc(Math.min(word, 16), "x") : word;
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
  });
  return new Uint8Array(Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]));
}

function lengths(
  words: readonly Uint8Array[],
  keep: (word: Uint8Array, i: number) => boolean,
): readonly Word[] {
  return words.map((word, i) => (keep(word, i) ? word : word.length));
}

/** What of an explanation must be the same: bytes of packets differ. */
function planOf(explanations: readonly Explanation[]): string {
  return JSON.stringify(
    explanations.map(({ request, plan, packets, keys }) => [
      ...[request, plan, packets.map(({ cluster }) => cluster)],
      keys.map(({ key, cluster }) => [hex(key), cluster]),
    ]),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function text(word: Uint8Array): string {
  return word.length > 16 ? "" : Buffer.from(word).toString("latin1").toUpperCase();
}

/** Commands that say who a connection is. */
const secretive: ReadonlySet<string> = new Set(["AUTH", "HELLO", "MIGRATE"]);
const containers: ReadonlySet<string> = new Set([
  ...["BITOP", "CLIENT", "CLUSTER", "COMMAND", "DEBUG", "FUNCTION", "LATENCY", "MEMORY", "MODULE"],
  ...["OBJECT", "PUBSUB", "SCRIPT", "SLOWLOG", "XGROUP", "XINFO"],
]);
/** Words that decide which of the others are keys. */
const syntax: ReadonlySet<string> = new Set([
  ...["AGGREGATE", "ALPHA", "ASC", "BLOCK", "BY", "COUNT", "DESC", "GET", "GROUP", "LEFT", "LIMIT"],
  ...["MATCH", "MAX", "MIN", "NOACK", "NX", "XX", "GT", "LT", "CH", "INCR", "PX", "EX", "PXAT"],
  ...["EXAT", "KEEPTTL", "RIGHT", "STORE", "STOREDIST", "STREAMS", "SUM", "TYPE", "WEIGHTS"],
  ...["WITHSCORES", "WITHSCORE", "BEFORE", "AFTER", "SYNC", "ASYNC", "LOAD", "ENCODING"],
]);
