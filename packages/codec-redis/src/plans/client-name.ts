/** The name of a connection, as CLIENT SETNAME and HELLO set it. */
import type { Slot } from "@echarde/core";
import { latin1 } from "../wire/ascii.ts";
import { encodeRequest } from "../wire/request-writer.ts";

/** Redis's words for a name that cannot be, null for one that can. */
export function nameError(name: Uint8Array): string | null {
  return name.some((byte) => byte < 33 || byte > 126)
    ? "ERR Client names cannot contain spaces, newlines or special characters."
    : null;
}

/** The slot that names a connection. */
export function nameSlot(name: Uint8Array): Slot {
  return {
    name: "client-name",
    rank: 3,
    identity: false,
    initial: name.length === 0,
    packets: null,
    packet: encodeRequest([latin1("CLIENT"), latin1("SETNAME"), name]),
  };
}
