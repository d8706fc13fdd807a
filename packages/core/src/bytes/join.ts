/** One contiguous array with the bytes of all chunks; a single chunk is returned as it is, not copied. */
export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const first = chunks[0];
  if (first !== undefined && chunks.length === 1) return first;
  const joined = new Uint8Array(total(chunks));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

/** Sum of the lengths. */
export function total(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

/** A view of `bytes[from, to)`, `bytes` itself when that is all of it. */
export function view(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from === 0 && to === bytes.length) return bytes;
  if (bytes !== source) {
    source = bytes;
    memory = bytes.buffer;
    offset = bytes.byteOffset;
  }
  return new Uint8Array(memory, offset + from, to - from);
}

/** Lets go of the array that the last view was of. */
export function forgetViewed(): void {
  source = nothing;
  memory = noMemory;
}

// Most views of one input are of one array, and asking it for its memory costs more than the view.
const nothing = new Uint8Array(0);
let source: Uint8Array = nothing;
const noMemory: ArrayBufferLike = nothing.buffer;
let memory: ArrayBufferLike = noMemory;
let offset = 0;
