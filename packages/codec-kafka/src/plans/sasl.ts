/**
 * SASL PLAIN. What the client presents is tried on every cluster and then replayed on each of its links;
 * where the router has credentials of its own, clients' are not passed on.
 */
import type { Fragment, NextPlan } from "@echarde/core";
import { decodeUtf8, Journal, Secret } from "@echarde/core";
import { userSlot } from "../access/access.ts";
import type { Call, Plan } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { ApiVersionsRequest } from "../generated/api-versions-request.ts";
import { apiVersions, saslAuthenticate, saslHandshake } from "../generated/apis.ts";
import type { SaslAuthenticateRequest } from "../generated/sasl-authenticate-request.ts";
import { SaslAuthenticateResponse } from "../generated/sasl-authenticate-response.ts";
import type { SaslHandshakeRequest } from "../generated/sasl-handshake-request.ts";
import { SaslHandshakeResponse } from "../generated/sasl-handshake-response.ts";
import { copyOf } from "../wire/copy.ts";
import { Malformed, Reader } from "../wire/reader.ts";
import { close, fragment, make } from "./plans.ts";
import { mechanism, readToken, saslSlots } from "./sasl-slots.ts";

/** SaslHandshake. Version 0 is advertised since librdkafka does no SASL without it, though it then uses version 1. */
export const saslHandshakePlan: Plan<SaslHandshakeRequest, SaslHandshakeResponse> = {
  api: saslHandshake,
  plan(call) {
    const mechanisms = [mechanism];
    const { passes, users } = call.runtime.security;
    const errorCode =
      call.version === 0
        ? errorCodes.unsupportedVersion // tokens without frames would follow
        : !passes && users === null
          ? errorCodes.illegalSaslState
          : call.request.mechanism === mechanism
            ? 0
            : errorCodes.unsupportedSaslMechanism;
    return call.answer(make(SaslHandshakeResponse, { errorCode, mechanisms }));
  },
};

/** SaslAuthenticate. */
export const saslAuthenticatePlan: Plan<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  api: saslAuthenticate,
  plan(call) {
    const { passes, users } = call.runtime.security;
    const token = readToken(call.request.authBytes);
    if (token === null) return refuse(call, "not a token of SASL PLAIN");
    if (users !== null) return checkUser(call, token);
    if (!passes) return refuse(call, "the router checks no users");
    return tryOnClusters(call);
  },
};

type Request = Call<SaslAuthenticateRequest, SaslAuthenticateResponse>;

function checkUser(
  call: Request,
  token: { readonly user: Uint8Array; readonly password: Uint8Array },
): NextPlan {
  const user = copyOf(token.user);
  const password = new Secret(copyOf(token.password));
  return {
    type: "ask",
    topic: "authenticate",
    value: { user: decodeUtf8(user), password },
    answered: (right) => {
      if (right !== true)
        return refuse(call, "Authentication failed: Invalid username or password");
      const packet = user;
      // Never replayed: it says who the client is, to the router alone.
      const slot = {
        name: userSlot,
        rank: -1,
        identity: true,
        initial: false,
        packet,
        packets: null,
      };
      call.session.journal = call.session.journal.with(slot);
      return call.answer(make(SaslAuthenticateResponse));
    },
  };
}

/** Opens a link to every cluster that begins with the client's credentials; all must take them. */
function tryOnClusters(call: Request): Fragment {
  let journal = Journal.empty;
  for (const slot of saslSlots(call.request.authBytes)) journal = journal.with(slot);
  const parts = call.layout.clusters.map((cluster) => ({
    ...call.part(apiVersions, 0, cluster, "", make(ApiVersionsRequest)),
    lane: "shared" as const,
  }));
  const tried = fragment(
    parts,
    -1,
    (replies) => {
      for (const { failure } of replies) {
        if (failure?.reason !== "handshake") continue;
        const { errorCode, errorMessage } = words(failure.reply);
        return refuse(call, errorMessage, errorCode);
      }
      // A cluster that is down says nothing against the client; it hears the credentials when it is back.
      if (replies.every(({ failure }) => failure !== null)) {
        return close("no cluster could be asked for the client's credentials");
      }
      call.session.journal = journal;
      return call.answer(make(SaslAuthenticateResponse));
    },
    true,
  );
  return { ...tried, journal };
}

/** A broker's refusal, as `sasl-slots.ts` gives it. */
function words(reply: Uint8Array | null): SaslAuthenticateResponse {
  try {
    if (reply !== null) return saslAuthenticate.readResponse(new Reader(reply), 1);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  return make(SaslAuthenticateResponse, { errorCode: errorCodes.saslAuthenticationFailed });
}

function refuse(
  call: Request,
  errorMessage: string | null,
  errorCode: number = errorCodes.saslAuthenticationFailed,
): NextPlan {
  const { bytes } = call.answer(make(SaslAuthenticateResponse, { errorCode, errorMessage }));
  // As a broker does.
  return {
    type: "refuse",
    bytes,
    end: true,
    reason: "the client could not sign in",
  };
}
