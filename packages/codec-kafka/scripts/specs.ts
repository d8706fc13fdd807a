/** Apache Kafka's message specifications as data, and what their version ranges say. */
import { readFileSync } from "node:fs";

/** A field of a message or struct. */
export interface Field {
  readonly name: string;
  /** `int32`, `[]Struct`, … */
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean;
  readonly entityType?: string;
  readonly mapKey?: boolean;
  readonly fields?: readonly Field[];
}

/** A request or a response. */
export interface Spec {
  readonly apiKey: number;
  readonly type: "request" | "response";
  readonly name: string;
  readonly validVersions: string;
  readonly flexibleVersions: string;
  readonly fields: readonly Field[];
  readonly commonStructs?: readonly Field[];
}

/** Versions, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Reads `3`, `0-9`, `4+` or `none` (an empty range). */
export function rangeOf(text: string | undefined): Range {
  if (text === undefined || text === "none") return { from: 1, to: 0 };
  const [, from = "", to] = /^(\d+)(\+|-\d+)?$/.exec(text) ?? [];
  if (from === "") throw new Error(`bad versions: ${text}`);
  if (to === undefined) return { from: Number(from), to: Number(from) };
  return { from: Number(from), to: to === "+" ? 32767 : Number(to.slice(1)) };
}

/** What both have. */
export function intersect(a: Range, b: Range): Range {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}

/** Whether there is none. */
export function isEmpty({ from, to }: Range): boolean {
  return from > to;
}

/** The checked-in specifications: of what is spoken, and responses of what is not. */
export function readSpecs(): {
  readonly kafka: string;
  readonly messages: readonly Spec[];
  readonly refused: readonly Spec[];
} {
  return JSON.parse(readFileSync(new URL("../specs/messages.json", import.meta.url), "utf8"));
}

/** Structs of a message by name: those of its fields, and the common ones. */
export function structsOf(spec: Spec): Map<string, readonly Field[]> {
  const found = new Map<string, readonly Field[]>();
  const walk = (fields: readonly Field[]): void => {
    for (const field of fields) {
      if (field.fields === undefined) continue;
      walk(field.fields);
      found.set(field.type.replace("[]", ""), field.fields);
    }
  };
  for (const { name, fields = [] } of spec.commonStructs ?? []) {
    walk(fields);
    found.set(name, fields);
  }
  walk(spec.fields);
  return found;
}
