/**
 * As much of MQTT 3.1.1 as a load generator needs, on raw bytes: a parser for people would measure
 * itself.
 */

/** CONNECT with a clean session and no keep alive. */
export function connectPacket(clientId: string): Buffer {
  const id = text(clientId);
  return packet(0x10, Buffer.from("\0\x04MQTT\x04\x02\0\0", "latin1"), id);
}

/** SUBSCRIBE to one filter, packet id 1. */
export function subscribePacket(filter: string, qos: 0 | 1): Buffer {
  return packet(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([qos]));
}

/** DISCONNECT. */
export function disconnectPacket(): Buffer {
  return Buffer.from([0xe0, 0]);
}

/** A PUBLISH to be copied, and where its variable parts are. */
export interface PublishTemplate {
  /** The whole packet; the payload is filled with `x`. */
  readonly bytes: Buffer;
  /** Where the packet id is, two bytes; -1 at QoS 0. */
  readonly idAt: number;
  /** Where the payload begins. */
  readonly payloadAt: number;
}

/** Builds a PUBLISH with a payload of so many bytes. */
export function publishTemplate(topic: string, qos: 0 | 1, payload: number): PublishTemplate {
  const id = Buffer.alloc(qos === 0 ? 0 : 2);
  const bytes = packet(0x30 | (qos << 1), text(topic), id, Buffer.alloc(payload, "x"));
  const payloadAt = bytes.length - payload;
  return { bytes, idAt: qos === 0 ? -1 : payloadAt - 2, payloadAt };
}

/**
 * Finds the packets of one connection.
 *
 * @param onPacket - gets the first byte, and where the variable header begins and the packet ends;
 *   the bytes are valid during the call only
 * @returns takes the next chunk of the connection
 */
export function packetReader(
  onPacket: (bytes: Buffer, first: number, at: number, end: number) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    while (start + 2 <= bytes.length) {
      let length = 0;
      let at = start + 1;
      let shift = 0;
      let more = true;
      while (more && at < bytes.length) {
        const byte = bytes[at++] as number;
        length |= (byte & 0x7f) << shift;
        shift += 7;
        more = byte >= 0x80;
      }
      if (more || at + length > bytes.length) break;
      onPacket(bytes, bytes[start] as number, at, at + length);
      start = at + length;
    }
    rest = bytes.subarray(start);
  };
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = [first];
  let left = body.length;
  do {
    head.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), body]);
}
