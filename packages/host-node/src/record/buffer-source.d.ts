/** A name of the DOM's that the types of @msgpack/msgpack use. */
type BufferSource = ArrayBufferView | ArrayBuffer;
