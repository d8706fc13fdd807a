/**
 * Runs the linked module up to the point where the bundle is evaluated, and
 * writes a module that starts there: memory and globals as they are then, and
 * no exports but Envoy's.
 */

import { Reader, readSections, type Section, Writer, writeSections } from "./wasm-binary.ts";
import { type Exports, type Imports, type Module, webAssembly } from "./web-assembly.ts";

/** Bounds of the engine; a connection that goes beyond them costs itself only. */
const maxStack = 96 << 10;
const maxMemory = 128 << 20;

/** Zeros that are worth a new data segment. */
const gap = 16;

const page = 65_536;

/** The module at rest. `bytecode` = the bundle as QuickJS compiles it. */
export async function snapshot(linked: Uint8Array, bytecode: Uint8Array): Promise<Uint8Array> {
  const module = await webAssembly.compile(linked);
  let exports: Exports = {};
  const memory = (): Uint8Array => new Uint8Array((exports["memory"] as Memory).buffer);
  exports = (await webAssembly.instantiate(module, importsOf(module, memory))).exports;
  const call = (name: string, ...args: number[]): number =>
    (exports[name] as (...args: number[]) => number)(...args);
  if (exports["_initialize"] !== undefined) call("_initialize");
  const at = call("pre_alloc", bytecode.length);
  memory().set(bytecode, at);
  const status = call("pre_init", at, bytecode.length, maxStack, maxMemory);
  if (status !== 0) throw new Error(`the bundle cannot be evaluated: ${status}`);
  return atRest(linked, exports, memory());
}

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** Calls that need a host fail; the clock stands still and chance has one outcome, so that builds are alike. */
function importsOf(module: Module, memory: () => Uint8Array): Imports {
  const imports: Imports = {};
  const known: Readonly<Record<string, (...args: number[]) => number>> = {
    clock_time_get: (_id, _low, at = 0) => {
      memory().fill(0, at, at + 8);
      return 0;
    },
    random_get: (at = 0, length = 0) => {
      memory().fill(4, at, at + length);
      return 0;
    },
  };
  for (const { module: from, name } of webAssembly.Module.imports(module)) {
    imports[from] ??= {};
    const group = imports[from];
    group[name] =
      known[name] ??
      (() => {
        throw new Error(`${name} is called while the module is built`);
      });
  }
  return imports;
}

function atRest(linked: Uint8Array, exports: Exports, memory: Uint8Array): Uint8Array {
  const sections = readSections(linked);
  const names = globalNames(sections);
  const segments = segmentsOf(memory);
  const result: Section[] = [];
  for (const section of sections) {
    switch (section.id) {
      case 0: // names and the like
      case 8: // it has started
        break;
      case 5:
        result.push({ id: 5, bytes: memorySection(memory.length / page) });
        break;
      case 6:
        result.push({ id: 6, bytes: globalSection(section.bytes, names, exports) });
        break;
      case 7:
        result.push({ id: 7, bytes: exportSection(section.bytes) });
        break;
      case 11:
        result.push({ id: 11, bytes: dataSection(memory, segments) });
        break;
      case 12: {
        const count = new Writer();
        count.unsigned(segments.length);
        result.push({ id: 12, bytes: count.take() });
        break;
      }
      default:
        result.push(section);
    }
  }
  return writeSections(result);
}

/** Export names of globals by index. */
function globalNames(sections: readonly Section[]): Map<number, string> {
  const names = new Map<number, string>();
  const exported = sections.find(({ id }) => id === 7);
  if (exported === undefined) throw new Error("the linked module exports nothing");
  for (const { name, kind, index } of exportsIn(exported.bytes)) {
    if (kind === 3) names.set(index, name);
  }
  return names;
}

interface Export {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

function exportsIn(bytes: Uint8Array): Export[] {
  const reader = new Reader(bytes);
  return Array.from({ length: reader.unsigned() }, () => {
    const name = reader.name();
    return { name, kind: reader.byte(), index: reader.unsigned() };
  });
}

function exportSection(bytes: Uint8Array): Uint8Array {
  const kept = exportsIn(bytes).filter(
    ({ name, kind }) => name === "memory" || (kind === 0 && name.startsWith("proxy_")),
  );
  const writer = new Writer();
  writer.unsigned(kept.length);
  for (const { name, kind, index } of kept) {
    writer.name(name);
    writer.byte(kind);
    writer.unsigned(index);
  }
  return writer.take();
}

function memorySection(pages: number): Uint8Array {
  const writer = new Writer();
  writer.unsigned(1);
  writer.byte(0);
  writer.unsigned(pages);
  return writer.take();
}

/** Mutable globals get their present value; a hidden one would be lost, so that is an error. */
function globalSection(
  bytes: Uint8Array,
  names: ReadonlyMap<number, string>,
  exports: Exports,
): Uint8Array {
  const reader = new Reader(bytes);
  const writer = new Writer();
  const count = reader.unsigned();
  writer.unsigned(count);
  for (let index = 0; index < count; index++) {
    const type = reader.byte();
    const mutable = reader.byte();
    const from = reader.at;
    const opcode = reader.byte();
    if (opcode === 0x41 || opcode === 0x42) reader.skipNumber();
    else throw new Error(`global ${index} starts with no constant of i32 or i64`);
    reader.byte();
    writer.byte(type);
    writer.byte(mutable);
    if (mutable === 0) {
      writer.raw(bytes.subarray(from, reader.at));
      continue;
    }
    const name = names.get(index);
    if (name === undefined) throw new Error(`mutable global ${index} is hidden: export it`);
    const { value } = exports[name] as { readonly value: number | bigint };
    writer.byte(opcode);
    writer.signed(BigInt(value));
    writer.byte(0x0b);
  }
  return writer.take();
}

interface Segment {
  readonly from: number;
  readonly to: number;
}

function segmentsOf(memory: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  let from = -1;
  let zeros = 0;
  for (let at = 0; at < memory.length; at++) {
    if (memory[at] !== 0) {
      if (from < 0) from = at;
      zeros = 0;
    } else if (from >= 0) {
      zeros += 1;
      if (zeros < gap) continue;
      segments.push({ from, to: at - zeros + 1 });
      from = -1;
      zeros = 0;
    }
  }
  if (from >= 0) segments.push({ from, to: memory.length - zeros });
  return segments;
}

function dataSection(memory: Uint8Array, segments: readonly Segment[]): Uint8Array {
  const writer = new Writer();
  writer.unsigned(segments.length);
  for (const { from, to } of segments) {
    writer.byte(0);
    writer.byte(0x41);
    writer.signed(BigInt(from));
    writer.byte(0x0b);
    writer.unsigned(to - from);
    writer.raw(memory.subarray(from, to));
  }
  return writer.take();
}
