import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { join, type Slot } from "@echarde/core";
import { saslAuthenticate, saslHandshake } from "../src/generated/apis.ts";
import { SaslAuthenticateResponse } from "../src/generated/sasl-authenticate-response.ts";
import { SaslHandshakeResponse } from "../src/generated/sasl-handshake-response.ts";
import { KafkaLink } from "../src/link.ts";
import { plainToken, saslSlots } from "../src/plans/sasl-slots.ts";
import { writeResponse } from "../src/wire/frame.ts";

const slots = saslSlots(plainToken("ann", new Uint8Array([1])));

function hear(link: KafkaLink, sessionLifetimeMs: bigint): void {
  const shaken = Object.assign(new SaslHandshakeResponse(), { mechanisms: ["PLAIN"] });
  const taken = Object.assign(new SaslAuthenticateResponse(), { sessionLifetimeMs });
  const [handshake, token] = slots as readonly [Slot, Slot];
  assert.equal(link.replayed(handshake, join(writeResponse(saslHandshake, 1, 0, shaken))), null);
  assert.equal(link.renewAfter, 0);
  assert.equal(link.replayed(token, join(writeResponse(saslAuthenticate, 1, 0, taken))), null);
}

describe("KafkaLink", () => {
  it("signs in again before the broker's session ends, as the last answer says", () => {
    const link = new KafkaLink(1 << 20, slots);
    hear(link, 10_001n);
    assert.equal(link.renewAfter, 8_000);
    hear(link, 0n);
    assert.equal(link.renewAfter, 0);
  });

  it("does not try where a broker would not take it: twice in a second", () => {
    const link = new KafkaLink(1 << 20, slots);
    hear(link, 1_200n);
    assert.equal(link.renewAfter, 0);
  });
});
