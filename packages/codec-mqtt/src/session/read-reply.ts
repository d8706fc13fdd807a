import type { Reply } from "@echarde/core";
import { decodePacket } from "../wire/decode.ts";
import { FRAME, FrameReader } from "../wire/frame-reader.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Packet } from "../wire/packets.ts";

/** The packet that a broker has answered with; null when none came, or none that can be read. Views of the reply live in it. */
export function readReply(reply: Reply | undefined, version: Version): Packet | null {
  const [frame] = reply?.frames ?? [];
  if (frame === undefined || reply?.failure !== null) return null;
  const reader = new FrameReader("server", version);
  if (reader.read(frame, 0) !== FRAME) return null;
  const packet = decodePacket(frame, reader, version, "server");
  return packet.type === "rejection" ? null : packet;
}
