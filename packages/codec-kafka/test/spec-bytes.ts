/** Random messages written straight from the specifications: a second opinion on the generated code. */
import { type Field, intersect, isEmpty, rangeOf, type Spec, structsOf } from "../scripts/specs.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The body of a random message. Tags of unknown fields too, where the version has tags. */
export function randomBody(spec: Spec, version: number, random: () => number): Buffer {
  const structs = structsOf(spec);
  const isIn = (versions: string | undefined): boolean =>
    !isEmpty(intersect(rangeOf(versions), { from: version, to: version }));
  const flexible = isIn(spec.flexibleVersions);
  const upTo = (n: number): number => Math.floor(random() * n);
  const bytes = (n: number): Buffer => Buffer.from(Array.from({ length: n }, () => upTo(256)));

  const sized = (data: Buffer | null, wide: boolean): Buffer => {
    const length = data === null ? -1 : data.length;
    if (flexible) return Buffer.concat([uvarint(length + 1), data ?? Buffer.alloc(0)]);
    const head = Buffer.alloc(wide ? 4 : 2);
    if (wide) head.writeInt32BE(length);
    else head.writeInt16BE(length);
    return Buffer.concat([head, data ?? Buffer.alloc(0)]);
  };
  const value = (type: string, nullable: boolean): Buffer => {
    if (type.startsWith("[]")) {
      const none = nullable && random() < 0.2;
      const items = Array.from({ length: none ? 0 : upTo(4) }, () => value(type.slice(2), false));
      const count = none ? -1 : items.length;
      const head = flexible ? uvarint(count + 1) : Buffer.alloc(4);
      if (!flexible) head.writeInt32BE(count);
      return Buffer.concat([head, ...items]);
    }
    const width = widths[type];
    if (width !== undefined) return type === "bool" ? Buffer.from([upTo(2)]) : bytes(width);
    const none = nullable && random() < 0.2;
    if (type === "string") {
      return sized(
        none
          ? null
          : Buffer.from("añ€😀z".slice(0, 2 * upTo(3) + 1).replace(/[\ud800-\udbff]$/, "")),
        false,
      );
    }
    if (type === "bytes" || type === "records") {
      return sized(none ? null : bytes(random() < 0.1 ? 3000 : upTo(20)), true);
    }
    return struct(structs.get(type) ?? []);
  };
  const struct = (fields: readonly Field[]): Buffer => {
    const here = fields.filter((field) => isIn(field.versions));
    const plain = here.filter(({ tag }) => tag === undefined);
    const parts = plain.map(({ type, nullableVersions }) => value(type, isIn(nullableVersions)));
    if (!flexible) return Buffer.concat(parts);
    const tags: [number, Buffer][] = [];
    for (const field of here) {
      if (field.tag === undefined || random() < 0.5) continue;
      const data = value(field.type, false);
      // A default is not written, so it would not come back.
      if (data.length > 2 && data.some((byte) => byte !== 0)) tags.push([field.tag, data]);
    }
    if (random() < 0.3) tags.push([100 + upTo(100), bytes(upTo(5))]);
    parts.push(uvarint(tags.length));
    for (const [tag, data] of tags) parts.push(uvarint(tag), uvarint(data.length), data);
    return Buffer.concat(parts);
  };
  return struct(spec.fields);
}

const widths: Readonly<Record<string, number>> = {
  ...{ bool: 1, int8: 1, int16: 2, uint16: 2, int32: 4, int64: 8, uuid: 16 },
};

function uvarint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  return Buffer.from([...out, rest]);
}
