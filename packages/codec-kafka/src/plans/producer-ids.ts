/**
 * InitProducerId, and ids that other clusters give. The client gets the default cluster's id; each other
 * cluster is asked for one of its own, at once or, where it could not be reached, before its first batch.
 */
import type { NextPlan } from "@echarde/core";
import type { Call, Plan } from "../call.ts";
import { failureCode } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { initProducerId } from "../generated/apis.ts";
import { InitProducerIdRequest } from "../generated/init-producer-id-request.ts";
import { InitProducerIdResponse } from "../generated/init-producer-id-response.ts";
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
        const errorCode =
          mine?.errorCode ?? failureCode(failure, loading, errorCodes.clusterAuthorizationFailed);
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
      producers.begin(mine.producerId);
      said.forEach((other, cluster) => {
        if (other?.errorCode !== 0 || cluster === first) return;
        producers.set(mine.producerId, call.layout.nameOf(cluster), other.producerId);
      });
      const throttleTimeMs = Math.max(...said.map((other) => other?.throttleTimeMs ?? 0));
      return call.answer(make(InitProducerIdResponse, mine, { throttleTimeMs, unknown: [] }));
    });
  },
};

/**
 * Asks clusters for ids that they have not given yet. `then` hears which ids the router knew nothing of:
 * their producers have sent batches that it cannot follow.
 */
export function lendProducerIds<Q, R>(
  call: Call<Q, R>,
  ids: readonly (readonly [id: bigint, cluster: number])[],
  then: (lost: ReadonlySet<string>) => NextPlan,
): NextPlan {
  const { producers } = call.runtime;
  const lost = new Set<string>();
  const missing = ids.filter(
    ([id, cluster]) => producers.get(id, call.layout.nameOf(cluster)) === undefined,
  );
  if (missing.length === 0) return then(lost);
  for (const [id, cluster] of missing) if (!producers.has(id)) lost.add(`${id} ${cluster}`);
  const parts = missing.map(([, cluster]) =>
    call.part(initProducerId, version, cluster, "", make(InitProducerIdRequest, fresh)),
  );
  return fragment(
    parts,
    -1,
    (replies) => {
      missing.forEach(([id, cluster], i) => {
        const said = call.read(initProducerId, version, replies[i]);
        if (said?.errorCode !== 0) {
          lost.delete(`${id} ${cluster}`); // not yet: it is told when the cluster has given one
          return;
        }
        if (!producers.has(id)) producers.begin(id);
        producers.set(id, call.layout.nameOf(cluster), said.producerId);
      });
      return then(lost);
    },
    true,
  );
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
