/** Which plan carries out which API. */
import type { Plan } from "./call.ts";
import { apiVersionsPlan } from "./plans/api-versions.ts";
import { deleteRecordsPlan, listOffsetsPlan, offsetForLeaderEpochPlan } from "./plans/by-leader.ts";
import {
  alterConfigsPlan,
  describeConfigsPlan,
  incrementalAlterConfigsPlan,
} from "./plans/configs.ts";
import {
  findCoordinatorPlan,
  heartbeatPlan,
  joinGroupPlan,
  leaveGroupPlan,
  syncGroupPlan,
} from "./plans/coordinators.ts";
import { deleteGroupsPlan } from "./plans/delete-groups.ts";
import { fetchPlan } from "./plans/fetch.ts";
import { describeGroupsPlan, listGroupsPlan } from "./plans/groups.ts";
import { describeClusterPlan, metadataPlan } from "./plans/metadata.ts";
import { offsetDeletePlan } from "./plans/offset-delete.ts";
import { offsetCommitPlan, offsetFetchPlan } from "./plans/offsets.ts";
import { producePlan } from "./plans/produce.ts";
import { initProducerIdPlan } from "./plans/producer-ids.ts";
import { saslAuthenticatePlan, saslHandshakePlan } from "./plans/sasl.ts";
import { createPartitionsPlan, createTopicsPlan, deleteTopicsPlan } from "./plans/topics.ts";
import {
  addOffsetsToTxnPlan,
  addPartitionsToTxnPlan,
  endTxnPlan,
  txnOffsetCommitPlan,
} from "./plans/transactions.ts";

/** Each plan takes the messages of its own API alone, which only its key tells. */
type AnyPlan = Plan<object, object>;

/** Plans by key. */
export const plans: ReadonlyMap<number, AnyPlan> = new Map(
  (
    [
      producePlan,
      fetchPlan,
      listOffsetsPlan,
      metadataPlan,
      offsetCommitPlan,
      offsetFetchPlan,
      findCoordinatorPlan,
      joinGroupPlan,
      heartbeatPlan,
      leaveGroupPlan,
      syncGroupPlan,
      describeGroupsPlan,
      listGroupsPlan,
      saslHandshakePlan,
      apiVersionsPlan,
      createTopicsPlan,
      deleteTopicsPlan,
      deleteRecordsPlan,
      initProducerIdPlan,
      offsetForLeaderEpochPlan,
      addPartitionsToTxnPlan,
      addOffsetsToTxnPlan,
      endTxnPlan,
      txnOffsetCommitPlan,
      describeConfigsPlan,
      alterConfigsPlan,
      saslAuthenticatePlan,
      createPartitionsPlan,
      deleteGroupsPlan,
      incrementalAlterConfigsPlan,
      offsetDeletePlan,
      describeClusterPlan,
    ] as readonly unknown[] as readonly AnyPlan[]
  ).map((plan) => [plan.api.key, plan]),
);
