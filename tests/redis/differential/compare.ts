/** Holds two replies against each other. */
import { parseReply, type RespValue } from "@echarde/testkit/servers";
import type { Comparison } from "./item.ts";

/** Whether they are the same reply, as far as Redis promises one. */
export function same(mode: Comparison, one: Buffer, other: Buffer): boolean {
  if (one.equals(other)) return true;
  if (mode === "exact" || isError(one) || isError(other)) return false;
  return sameValue(mode, parseReply(one), parseReply(other));
}

/** As {@link same} for decoded values, such as the elements of EXEC's reply. */
export function sameValue(mode: Comparison, one: RespValue, other: RespValue): boolean {
  const exact = text(one) === text(other);
  if (exact || mode === "exact" || one.type !== other.type || one.type === "-") return exact;
  switch (mode) {
    case "multiset":
      return list(elements(one)) === list(elements(other));
    case "deep":
      return deep(one) === deep(other);
    case "pairs":
      return list(pairs(one)) === list(pairs(other));
    case "scan-elements":
    case "scan-pairs": {
      const inside = mode === "scan-pairs" ? "pairs" : "multiset";
      const [cursor, page] = elements(one) as [RespValue, RespValue];
      const [otherCursor, otherPage] = elements(other) as [RespValue, RespValue];
      return text(cursor) === text(otherCursor) && sameValue(inside, page, otherPage);
    }
    case "shape":
      return shape(one) === shape(other);
    case "type":
      return true;
    case "near":
      return one.type === ":" && Math.abs(number(one) - number(other)) <= 10_000;
    case "length":
      return one.bytes?.length === other.bytes?.length;
    case "no-clock":
      return withoutClock(one) === withoutClock(other);
  }
}

/** Whether a reply is an error. */
export function isError(reply: Buffer): boolean {
  return reply[0] === 45 || reply[0] === 33;
}

function elements(value: RespValue): readonly RespValue[] {
  return "elements" in value ? value.elements : [value];
}

function pairs(value: RespValue): RespValue[] {
  const all = elements(value);
  if (all.length > 0 && all.every((one) => "elements" in one && one.elements.length === 2))
    return [...all];
  return all.flatMap((one, i) =>
    i % 2 === 0 ? [{ type: "*", elements: [one, all[i + 1] as RespValue] }] : [],
  );
}

function list(values: readonly RespValue[]): string {
  return values.map(text).sort().join("\n");
}

function text(value: RespValue): string {
  if ("elements" in value) return `${value.type}[${value.elements.map(text).join(",")}]`;
  return `${value.type}${value.bytes === null ? "null" : JSON.stringify(value.bytes?.toString("latin1"))}`;
}

function deep(value: RespValue): string {
  if (!("elements" in value)) return text(value);
  return `${value.type}[${value.elements.map(deep).sort().join(",")}]`;
}

function shape(value: RespValue): string {
  if ("elements" in value) return `${value.type}[${value.elements.map(shape).join(",")}]`;
  return value.type + (value.bytes === null ? "null" : "");
}

function number(value: RespValue): number {
  return Number(value.bytes?.toString("latin1"));
}

/** Idle times, delivery times, connection ids: numbers that follow one of these words, or stand third in XPENDING's rows. */
function withoutClock(value: RespValue): string {
  if (!("elements" in value)) return text(value);
  const all = value.elements;
  const clock = /"(idle|inactive|id|seen-time|active-time|delivery-time)"$/;
  const row = all.length === 4 && all[2]?.type === ":" && all[3]?.type === ":";
  const parts = all.map((one, i) => {
    const before = i > 0 ? text(all[i - 1] as RespValue) : "";
    return (one.type === ":" && clock.test(before)) || (row && i === 2) ? "?" : withoutClock(one);
  });
  return `${value.type}[${parts.join(",")}]`;
}
