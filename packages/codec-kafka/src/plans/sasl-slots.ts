/** SASL PLAIN as settings of a connection: handshake and token, replayed on every link of the session. */
import { encodeUtf8, join, type Slot } from "@echarde/core";
import { errorCodes } from "../error-codes.ts";
import { saslAuthenticate, saslHandshake } from "../generated/apis.ts";
import { SaslAuthenticateRequest } from "../generated/sasl-authenticate-request.ts";
import { SaslAuthenticateResponse } from "../generated/sasl-authenticate-response.ts";
import { SaslHandshakeRequest } from "../generated/sasl-handshake-request.ts";
import { copyOf } from "../wire/copy.ts";
import { readResponse, writeRequest } from "../wire/frame.ts";
import { Malformed } from "../wire/reader.ts";
import { Writer } from "../wire/writer.ts";

/** The one mechanism that can be replayed. */
export const mechanism = "PLAIN";

/** A token of PLAIN (RFC 4616) taken apart, null when it is none. */
export function readToken(
  token: Uint8Array,
): { readonly user: Uint8Array; readonly password: Uint8Array } | null {
  const first = token.indexOf(0);
  const second = first < 0 ? -1 : token.indexOf(0, first + 1);
  if (second < 0 || token.indexOf(0, second + 1) >= 0) return null;
  return { user: token.subarray(first + 1, second), password: token.subarray(second + 1) };
}

/** A token of PLAIN. */
export function plainToken(user: string, password: Uint8Array): Uint8Array {
  return join([new Uint8Array(1), encodeUtf8(user), new Uint8Array(1), password]);
}

/** What a link must say first. The token is copied. */
export function saslSlots(token: Uint8Array): readonly Slot[] {
  const handshake = Object.assign(new SaslHandshakeRequest(), { mechanism });
  const authenticate = Object.assign(new SaslAuthenticateRequest(), { authBytes: token });
  const slot = (name: string, rank: number, packet: Uint8Array): Slot => ({
    ...{ name, rank, packet, identity: true, initial: false, packets: null },
  });
  return [
    slot("handshake", 0, copyOf(join(writeRequest(saslHandshake, 1, clientId, handshake)))),
    slot("token", 1, copyOf(join(writeRequest(saslAuthenticate, 1, clientId, authenticate)))),
  ];
}

/** What a broker says to a slot. */
export interface Judged {
  /** Null = accepted, else the body of a SaslAuthenticate response (version 1). */
  readonly refusal: Uint8Array | null;
  /** Milliseconds after which the broker is to hear the slots again (KIP-368), 0 = never. */
  readonly renewAfter: number;
}

/** Reads it. */
export function judged(slot: Slot, frame: Uint8Array): Judged {
  try {
    if (slot.name === "handshake") {
      const { errorCode } = readResponse(saslHandshake, 1, frame);
      return { refusal: errorCode === 0 ? null : refusalOf(errorCode, null), renewAfter: 0 };
    }
    const said = readResponse(saslAuthenticate, 1, frame);
    const { errorCode, errorMessage } = said;
    const refusal = errorCode === 0 ? null : refusalOf(errorCode, errorMessage);
    return { refusal, renewAfter: renewAfter(Number(said.sessionLifetimeMs)) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { refusal: refusalOf(errorCodes.saslAuthenticationFailed, null), renewAfter: 0 };
  }
}

/** A request that waits its turn behind a long poll is still in time, and a broker hears nobody twice in a second. */
function renewAfter(lifetime: number): number {
  return lifetime >= 2_000 ? Math.floor(lifetime * 0.8) : 0;
}

function refusalOf(errorCode: number, errorMessage: string | null): Uint8Array {
  const writer = new Writer();
  const body = Object.assign(new SaslAuthenticateResponse(), { errorCode, errorMessage });
  saslAuthenticate.writeResponse(writer, body, 1);
  return join(writer.finish());
}

const clientId = "echarde";
