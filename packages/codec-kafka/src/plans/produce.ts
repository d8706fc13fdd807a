/**
 * Produce: batches go to the leaders of their partitions. Only heads of batches are read; an idempotent
 * producer's id becomes the one that the owning cluster has given for it.
 */
import type { NextPlan } from "@echarde/core";
import { Call, type Plan } from "../call.ts";
import { errorCodes, staleLeader } from "../error-codes.ts";
import { produce } from "../generated/apis.ts";
import {
  PartitionProduceData,
  ProduceRequest,
  TopicProduceData,
} from "../generated/produce-request.ts";
import {
  PartitionProduceResponse,
  ProduceResponse,
  TopicProduceResponse,
} from "../generated/produce-response.ts";
import { batchHead, producerIdOf, withProducerId } from "../wire/batch.ts";
import { readRequest } from "../wire/frame.ts";
import { isKnown, lookUp } from "./look-up.ts";
import { close, fragment, make } from "./plans.ts";
import { toOneBroker } from "./produce-to-one.ts";
import { lendProducerIds } from "./producer-ids.ts";
import { byTopic, divide, forgetLeader, type Item, itemsByTopic, type Shape } from "./split.ts";

type Request = Call<ProduceRequest, ProduceResponse>;

const shape: Shape<
  ProduceRequest,
  ProduceResponse,
  PartitionProduceData,
  PartitionProduceResponse
> = {
  api: produce,
  serves: "leader",
  items: ({ topicData }) =>
    topicData.flatMap(({ name, partitionData }) =>
      partitionData.map((asked) => ({ topic: name, index: asked.index, asked })),
    ),
  request: (request, items) =>
    make(ProduceRequest, request, {
      topicData: itemsByTopic(items).map(([name, partitionData]) =>
        make(TopicProduceData, { name, partitionData }),
      ),
    }),
  *results({ responses }) {
    for (const { name, partitionResponses } of responses)
      for (const result of partitionResponses) yield [name, result.index, result];
  },
  refused: ({ index }, errorCode) =>
    make(PartitionProduceResponse, { index, errorCode, baseOffset: -1n }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs) =>
    make(ProduceResponse, {
      throttleTimeMs,
      responses: byTopic(results).map(([name, partitionResponses]) =>
        make(TopicProduceResponse, { name, partitionResponses }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
  stale: forgetLeader(staleLeader),
};

/** See the module. */
export const producePlan: Plan<ProduceRequest, ProduceResponse> = {
  api: produce,
  plan(call) {
    const { request, version } = call;
    const items = shape.items(request);
    if (version < firstServed) return refuseAll(call, items, errorCodes.unsupportedVersion);
    const whole = toOneBroker(call, items, waits(call, request.timeoutMs), (broker, replies) =>
      call.answer(divide(call, shape, items, () => broker).merge(replies).response),
    );
    if (whole !== null) return whole;
    const wanted = { leaders: items.map(({ topic, index }) => [topic, index] as const) };
    const lent = virtualIds(call, items);
    if (items.every(({ topic, index }) => isSettled(call, topic, index)) && lent.length === 0) {
      return send(call, items);
    }
    const kept = keep(call);
    return lookUp(kept, wanted, () =>
      lendProducerIds(kept, virtualIds(kept, shape.items(kept.request)), () =>
        send(kept, shape.items(kept.request)),
      ),
    );
  },
};

/** The same request as something that outlives the call. */
function keep(call: Request): Request {
  const frame = call.runtime.keep(call.frame);
  if (frame === call.frame) return call;
  const { clientId, body } = readRequest(produce, call.version, frame);
  const { runtime, session, api, version, correlationId, amend } = call;
  return new Call({
    runtime,
    session,
    api,
    version,
    correlationId,
    clientId,
    request: body,
    frame,
    amend,
  });
}

function isSettled(call: Request, topic: string, index: number): boolean {
  return call.layout.owner(topic) < 0 || isKnown(call.leader(topic, index));
}

/** Producer ids of clients that go to clusters which have given none for them yet, as far as is known here. */
function virtualIds(
  call: Request,
  items: readonly Item<PartitionProduceData>[],
): (readonly [id: bigint, cluster: number])[] {
  const found = new Map<string, readonly [bigint, number]>();
  for (const item of items) {
    const id = virtualId(call, item);
    if (id === null) continue;
    const cluster = call.layout.owner(item.topic);
    const { producers, keepsValues } = call.runtime;
    const missing = producers.use(id, call.layout.nameOf(cluster), call.now) === undefined;
    if (missing || (keepsValues && producers.isDue(id, call.now))) {
      found.set(`${id} ${cluster}`, [id, cluster]);
    }
  }
  return [...found.values()];
}

/** The producer id of a batch, where it means nothing to the cluster that gets it; null = nothing to change. */
function virtualId(call: Request, { topic, asked }: Item<PartitionProduceData>): bigint | null {
  if (call.request.transactionalId !== null) return null; // given by the cluster of the transaction
  const cluster = call.layout.owner(topic);
  if (cluster < 0 || cluster === call.layout.first) return null;
  if (!(asked.records instanceof Uint8Array)) return null;
  const id = producerIdOf(asked.records);
  return id < 0n ? null : id;
}

function send(call: Request, items: readonly Item<PartitionProduceData>[]): NextPlan {
  const { request } = call;
  const home =
    request.transactionalId === null
      ? null
      : call.layout.home("transaction", request.transactionalId);
  const codes = new Map<Item<PartitionProduceData>, number>();
  const rewritten = items.map((item) => {
    const cluster = call.layout.owner(item.topic);
    if (home !== null && cluster >= 0 && cluster !== home) {
      codes.set(item, errorCodes.invalidTxnState);
      return item;
    }
    const virtual = virtualId(call, item);
    const { records } = item.asked;
    if (virtual === null || !(records instanceof Uint8Array)) return item;
    const { producers } = call.runtime;
    const real = producers.get(virtual)?.ids.get(call.layout.nameOf(cluster));
    // Only an error says that batches may be missing: with a new id the broker would take them for the first.
    const isLost = (): boolean =>
      producers.refuses(virtual, `${item.index} ${item.topic}`, batchHead(records));
    if (real === undefined) codes.set(item, errorCodes.notLeaderOrFollower);
    else if (isLost()) codes.set(item, errorCodes.invalidProducerEpoch);
    else {
      const other = withProducerId(records, real);
      if (other === null) codes.set(item, errorCodes.corruptMessage);
      else return { ...item, asked: make(PartitionProduceData, item.asked, { records: other }) };
    }
    return item;
  });
  const division = divide(
    call,
    shape,
    rewritten,
    (item) => codes.get(item) ?? call.leader(item.topic, item.index),
  );
  const silent = request.acks === 0;
  const answer = (
    merged: ProduceResponse,
    results: readonly PartitionProduceResponse[],
  ): NextPlan => {
    if (!silent) return call.answer(merged);
    // As a broker does: only a closed connection tells such a producer that something went wrong.
    return results.some(({ errorCode }) => errorCode !== 0) ? closing : { type: "skip" };
  };
  if (division.groups.length === 0) {
    const { response, results } = division.merge([]);
    return answer(response, results);
  }
  const parts = division.parts();
  if (!silent) {
    return fragment(parts, waits(call, request.timeoutMs), (replies) => {
      const { response, results } = division.merge(replies);
      return answer(response, results);
    });
  }
  const refused = [...codes.values()].length > 0;
  const unowned = rewritten.some(({ topic, index }) => !isKnown(call.leader(topic, index)));
  return fragment(
    parts.map((part) => ({ ...part, frames: 0 })),
    -1,
    (replies) =>
      refused || unowned || replies.some(({ failure }) => failure !== null)
        ? closing
        : { type: "skip" },
  );
}

const closing: NextPlan = close("a batch with acks=0 could not be delivered");

function refuseAll(
  call: Request,
  items: readonly Item<PartitionProduceData>[],
  code: number,
): NextPlan {
  if (call.request.acks === 0) return closing;
  const results = items.map((item) => [item, shape.refused(item, code)] as const);
  return call.answer(shape.response(results, 0, []));
}

/** What a broker may take, and what the way to it takes. */
function waits(call: Request, milliseconds: number): number {
  return Math.max(0, milliseconds) + call.runtime.requestTimeout;
}

/** Older ones have formats of records without producer ids; they are advertised for old clients' sake only. */
const firstServed = 3;
