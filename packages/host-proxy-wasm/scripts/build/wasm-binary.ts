/** Just enough of the WebAssembly binary format to rewrite a module: sections, LEB128, names. */

/** One section: its id and its content without the head. */
export interface Section {
  /** 0 = custom, 2 = imports, 5 = memory, 6 = globals, 7 = exports, 8 = start, 11 = data, 12 = data count. */
  readonly id: number;
  /** Content. */
  readonly bytes: Uint8Array;
}

/** Sections of a module in their order. */
export function readSections(module: Uint8Array): Section[] {
  const reader = new Reader(module, 8);
  const sections: Section[] = [];
  while (reader.at < module.length) {
    const id = reader.byte();
    const length = reader.unsigned();
    sections.push({ id, bytes: module.subarray(reader.at, reader.at + length) });
    reader.at += length;
  }
  return sections;
}

/** The module of these sections. */
export function writeSections(sections: readonly Section[]): Uint8Array {
  const writer = new Writer();
  writer.raw(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const { id, bytes } of sections) {
    writer.byte(id);
    writer.unsigned(bytes.length);
    writer.raw(bytes);
  }
  return writer.take();
}

/** Reads what a section holds. */
export class Reader {
  /** Where it stands. */
  at: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** One byte. */
  byte(): number {
    const value = this.#bytes[this.at];
    if (value === undefined) throw new RangeError("the module ends too soon");
    this.at += 1;
    return value;
  }

  /** An unsigned LEB128 number. */
  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** Steps over a LEB128 number of either kind. */
  skipNumber(): void {
    while (this.byte() >= 128) {
      // until its last byte
    }
  }

  /** A name. */
  name(): string {
    const length = this.unsigned();
    const name = Buffer.from(this.#bytes.subarray(this.at, this.at + length)).toString("utf8");
    this.at += length;
    return name;
  }
}

/** Writes what a section holds. */
export class Writer {
  #chunks: Uint8Array[] = [];

  /** One byte. */
  byte(value: number): void {
    this.#chunks.push(Uint8Array.of(value));
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
  }

  /** An unsigned LEB128 number. */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A signed LEB128 number. */
  signed(value: bigint): void {
    let rest = value;
    for (;;) {
      const low = Number(rest & 127n);
      rest >>= 7n;
      const last = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
      this.byte(last ? low : low | 128);
      if (last) return;
    }
  }

  /** A name. */
  name(text: string): void {
    const bytes = Buffer.from(text);
    this.unsigned(bytes.length);
    this.raw(bytes);
  }

  /** All of it. */
  take(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#chunks));
  }
}
