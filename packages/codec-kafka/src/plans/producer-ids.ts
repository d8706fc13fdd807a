/**
 * InitProducerId, and ids that other clusters give. The client gets the default cluster's id; each other
 * cluster is asked for one of its own, at once or, where it could not be reached, before its first batch.
 */
import type { NextPlan, Reply } from "@echarde/core";
import type { Call, Plan } from "../call.ts";
import { failureCode } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { initProducerId } from "../generated/apis.ts";
import { InitProducerIdRequest } from "../generated/init-producer-id-request.ts";
import { InitProducerIdResponse } from "../generated/init-producer-id-response.ts";
import { findProducers, keepNewProducer, keepProducer } from "./kept-producers.ts";
import { fragment, make } from "./plans.ts";
import { sendToCoordinator } from "./to-coordinator.ts";

/** See the module. */
export const initProducerIdPlan: Plan<InitProducerIdRequest, InitProducerIdResponse> = {
  api: initProducerId,
  plan(call) {
    const { transactionalId } = call.request;
    if (transactionalId !== null) {
      return sendToCoordinator(call, "transaction", transactionalId, {
        ...{ code: ({ errorCode }) => errorCode, timeout: -1 },
        refused: (errorCode) => make(InitProducerIdResponse, { errorCode, producerId: -1n }),
      });
    }
    const { clusters, first } = call.layout;
    const parts = clusters.map((cluster) =>
      call.part(initProducerId, version, cluster, "", make(InitProducerIdRequest, fresh)),
    );
    return fragment(parts, -1, (replies) => {
      const said = replies.map((reply) => call.read(initProducerId, version, reply));
      const mine = said[first] ?? null;
      if (mine === null || mine.errorCode !== 0) {
        const failure = replies[first]?.failure ?? null;
        // The one error that producers without transactions wait out.
        const own = failureCode(failure, loading, errorCodes.clusterAuthorizationFailed);
        const errorCode = mine?.errorCode ?? (failure?.reason === "timeout" ? loading : own);
        return call.answer(make(InitProducerIdResponse, { errorCode, producerId: -1n }));
      }
      const { producers } = call.runtime;
      const waits = said.map((other, cluster) =>
        producers.waits(call.layout.nameOf(cluster), other?.errorCode === loading),
      );
      // The id works on all clusters or the client asks again: a part of its first batches refused for want
      // of an id would be one more case that clients get wrong.
      if (waits.includes(true)) {
        return call.answer(make(InitProducerIdResponse, { errorCode: loading, producerId: -1n }));
      }
      const ids = new Map<string, bigint>();
      said.forEach((other, cluster) => {
        if (other?.errorCode !== 0 || cluster === first) return;
        ids.set(call.layout.nameOf(cluster), other.producerId);
      });
      const throttleTimeMs = Math.max(...said.map((other) => other?.throttleTimeMs ?? 0));
      return keepNewProducer(call, mine.producerId, { recovered: false, ids }, (kept) =>
        call.answer(
          kept
            ? make(InitProducerIdResponse, mine, { throttleTimeMs, unknown: [] })
            : make(InitProducerIdResponse, { errorCode: loading, producerId: -1n }),
        ),
      );
    });
  },
};

/**
 * Finds what clusters have given for producer ids, and asks those that have given none yet. A producer of
 * which nothing is known anywhere has sent batches that the router cannot follow (recovered-partitions.ts).
 */
export function lendProducerIds<Q, R>(
  call: Call<Q, R>,
  ids: readonly (readonly [id: bigint, cluster: number])[],
  then: () => NextPlan,
): NextPlan {
  const { producers } = call.runtime;
  if (ids.length === 0) return then();
  return findProducers(call, [...new Set(ids.map(([id]) => id))], (unsaid) => {
    const missing = ids.filter(
      ([id, cluster]) =>
        !unsaid.has(id) && producers.get(id)?.ids.has(call.layout.nameOf(cluster)) !== true,
    );
    if (missing.length === 0) return then();
    const parts = missing.map(([, cluster]) =>
      call.part(initProducerId, version, cluster, "", make(InitProducerIdRequest, fresh)),
    );
    const take = (replies: readonly Reply[]): NextPlan => {
      const given = new Map<bigint, Map<string, bigint>>();
      missing.forEach(([id, cluster], i) => {
        const said = call.read(initProducerId, version, replies[i]);
        if (said?.errorCode !== 0) return; // not yet: its batches are refused until it has given one
        const lent = given.get(id) ?? new Map<string, bigint>();
        given.set(id, lent.set(call.layout.nameOf(cluster), said.producerId));
      });
      const keep = ([next, ...rest]: readonly (readonly [
        bigint,
        Map<string, bigint>,
      ])[]): NextPlan => {
        if (next === undefined) return then();
        const [id, lent] = next;
        const mine = { recovered: producers.get(id)?.recovered ?? true, ids: lent };
        return keepProducer(call, id, mine, () => keep(rest));
      };
      return keep([...given]);
    };
    return fragment(parts, -1, take, true);
  });
}

/** What a broker says until its controller has given it a block of ids, soon after it has started. */
const loading = errorCodes.coordinatorLoadInProgress;
/** Without a transactional id a broker gives a new one always, whatever id is sent along. */
const fresh: Partial<InitProducerIdRequest> = {
  transactionalId: null,
  transactionTimeoutMs: 2_147_483_647,
  producerId: -1n,
  producerEpoch: -1,
};
/** Known to all brokers since 2.4. */
const version = 2;
