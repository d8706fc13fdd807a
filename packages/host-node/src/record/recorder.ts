/**
 * Records what goes to the clusters. It reads the bytes of each upstream
 * connection beside the router; what it cannot read it leaves alone, and the
 * traffic never waits for it.
 */
import { now } from "../clock.ts";
import type { Socket } from "../sockets.ts";
import type { Explain, PacketKind, PacketReader } from "./packets.ts";
import { encodeTracePacket } from "./trace.ts";
import type { TraceSink } from "./trace-file.ts";

/** What is recorded, and where. */
export interface Recording {
  /** How packets are read. */
  readonly kind: PacketKind;
  /** Whether values are recorded, too. */
  readonly values: boolean;
  /** When the trace began, Unix milliseconds. */
  readonly began: number;
  /** Where they go. */
  readonly sink: TraceSink;
}

/** See the module. */
export class Recorder {
  readonly #recording: Recording;
  readonly #explain: Explain;

  constructor(recording: Recording, explain: Explain) {
    this.#recording = recording;
    this.#explain = explain;
  }

  /** The socket of an upstream connection, with all that is sent on it read. */
  tap(cluster: string, socket: Socket): Socket {
    const { kind, values, began, sink } = this.#recording;
    if (!sink.isOpen) return socket;
    const reader = kind.reader({
      ...{ values, explain: this.#explain },
      packet: (words) => {
        const at = Math.round((now() - began) * 1_000) / 1_000;
        sink.packet(encodeTracePacket({ at, cluster, words }));
      },
    });
    let reads = true;
    return {
      write: (chunks) => {
        for (const chunk of sink.isOpen ? chunks : []) {
          if (!reads) break;
          reads = readOn(reader, chunk);
          if (!reads) sink.unread();
        }
        return socket.write(chunks);
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      end: () => socket.end(),
      destroy: () => socket.destroy(),
    };
  }
}

/** Whatever goes wrong in a reader is no reason to hold up or end the traffic. */
function readOn(reader: PacketReader, chunk: Uint8Array): boolean {
  try {
    return reader.read(chunk);
  } catch {
    return false;
  }
}
