/**
 * The usual Produce: all of its partitions are led by one broker. It gets the very request, with the
 * producer's id changed in its place, and the client the very response, as long as that holds no error.
 */
import type { NextPlan, Reply } from "@echarde/core";
import type { Call, Place } from "../call.ts";
import { produce } from "../generated/apis.ts";
import type { PartitionProduceData, ProduceRequest } from "../generated/produce-request.ts";
import type { ProduceResponse } from "../generated/produce-response.ts";
import { batchHead, producerIdOf, withProducerId } from "../wire/batch.ts";
import { copyOf } from "../wire/copy.ts";
import { fragment } from "./plans.ts";
import type { Item } from "./split.ts";

type Request = Call<ProduceRequest, ProduceResponse>;
type Broker = Exclude<Place, number>;

/**
 * The plan; null when there is more to do than to pass bytes on. `merge` = what becomes of a reply that
 * holds an error, or is none.
 */
export function toOneBroker(
  call: Request,
  items: readonly Item<PartitionProduceData>[],
  timeout: number,
  merge: (broker: Broker, replies: readonly Reply[]) => NextPlan,
): NextPlan | null {
  const { request, amend } = call;
  // What is told by closing, by rights or by the state of a transaction is looked at with care.
  if (request.acks === 0 || amend !== null || request.transactionalId !== null) return null;
  const broker = brokerOf(call, items);
  const bytes = broker === null ? null : rewritten(call, items, broker.cluster);
  if (broker === null || bytes === null) return null;
  const part = { ...broker, lane: "private", bytes, frames: 1, expect: 0, id: -1 } as const;
  return fragment([part], timeout, (replies) => {
    const reply = replies[0];
    const frame = reply?.frames[0];
    const response = call.read(produce, call.version, reply);
    if (frame === undefined || response === null || !isFine(response, items.length)) {
      return merge(broker, replies);
    }
    const answer = copyOf(frame, 0, frame.length);
    new DataView(answer.buffer).setInt32(4, call.correlationId);
    return { type: "local", bytes: [answer], end: false, release: false };
  });
}

/** The broker that leads all of them, null = there is none. */
function brokerOf(call: Request, items: readonly Item<PartitionProduceData>[]): Broker | null {
  const [first] = items;
  if (first === undefined) return null;
  const cluster = call.layout.owner(first.topic);
  if (cluster < 0) return null;
  const view = call.view(cluster);
  const leader = view.leader(first.topic, first.index);
  if (leader === null) return null;
  let { topic } = first;
  for (const item of items) {
    if (item.topic !== topic && call.layout.owner(item.topic) !== cluster) return null;
    topic = item.topic;
    if (view.leader(topic, item.index) !== leader) return null;
  }
  return call.place(cluster, leader);
}

/** The request with the producer ids that the cluster knows; null when that needs more than a look. */
function rewritten(
  call: Request,
  items: readonly Item<PartitionProduceData>[],
  cluster: number,
): readonly Uint8Array[] | null {
  const { frame, layout, runtime } = call;
  if (cluster === layout.first) return [frame];
  const { producers, keepsValues } = runtime;
  const name = layout.nameOf(cluster);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { topic, index, asked } of items) {
    const { records } = asked;
    if (!(records instanceof Uint8Array)) return null;
    const id = producerIdOf(records);
    if (id < 0n) continue;
    const real = producers.use(id, name, call.now);
    if (real === undefined || (keepsValues && producers.isDue(id, call.now))) return null;
    if (producers.refuses(id, `${index} ${topic}`, batchHead(records))) return null;
    const other = withProducerId(records, real);
    if (other === null) return null;
    const at = records.byteOffset - frame.byteOffset;
    pieces.push(frame.subarray(from, at), ...other);
    from = at + records.length;
  }
  if (from < frame.length) pieces.push(from === 0 ? frame : frame.subarray(from));
  return pieces;
}

/** Whether it has a result for each partition, none of them an error. */
function isFine({ responses }: ProduceResponse, partitions: number): boolean {
  let results = 0;
  for (const { partitionResponses } of responses) {
    for (const { errorCode } of partitionResponses) if (errorCode !== 0) return false;
    results += partitionResponses.length;
  }
  return results === partitions;
}
