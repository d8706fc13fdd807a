import assert from "node:assert/strict";
import { test } from "node:test";
import { entities } from "../src/generated/entities.ts";

/**
 * What the codec does with every name and id in a message. A new field with such a meaning has no entry
 * here, and the test fails until somebody has thought about it.
 */
const handled: Readonly<Record<string, readonly [does: string, paths: string]>> = {
  topic: [
    "topics decide the cluster, results are put back under the names asked",
    `AddPartitionsToTxnRequest.v3AndBelowTopics.name AddPartitionsToTxnResponse.resultsByTopicV3AndBelow.name CreatePartitionsRequest.topics.name CreatePartitionsResponse.results.name CreateTopicsRequest.topics.name CreateTopicsResponse.topics.name DeleteRecordsRequest.topics.name DeleteRecordsResponse.topics.name DeleteTopicsRequest.topicNames DeleteTopicsResponse.responses.name FetchRequest.topics.topic FetchResponse.responses.topic ListOffsetsRequest.topics.name ListOffsetsResponse.topics.name MetadataRequest.topics.name MetadataResponse.topics.name OffsetCommitRequest.topics.name OffsetCommitResponse.topics.name OffsetDeleteRequest.topics.name OffsetDeleteResponse.topics.name OffsetFetchRequest.groups.topics.name OffsetFetchRequest.topics.name OffsetFetchResponse.groups.topics.name OffsetFetchResponse.topics.name OffsetForLeaderEpochRequest.topics.topic OffsetForLeaderEpochResponse.topics.topic ProduceRequest.topicData.name ProduceResponse.responses.name TxnOffsetCommitRequest.topics.name TxnOffsetCommitResponse.topics.name`,
  ],
  dropped: [
    "there are no fetch sessions to forget topics of",
    `FetchRequest.forgottenTopicsData.topic`,
  ],
  group: [
    "decides the home cluster, passes unchanged",
    `AddOffsetsToTxnRequest.groupId DeleteGroupsRequest.groupsNames DeleteGroupsResponse.results.groupId DescribeGroupsRequest.groups DescribeGroupsResponse.groups.groupId HeartbeatRequest.groupId JoinGroupRequest.groupId LeaveGroupRequest.groupId ListGroupsResponse.groups.groupId OffsetCommitRequest.groupId OffsetDeleteRequest.groupId OffsetFetchRequest.groupId OffsetFetchRequest.groups.groupId OffsetFetchResponse.groups.groupId SyncGroupRequest.groupId TxnOffsetCommitRequest.groupId`,
  ],
  transaction: [
    "decides the home cluster, passes unchanged",
    `AddOffsetsToTxnRequest.transactionalId AddPartitionsToTxnRequest.v3AndBelowTransactionalId EndTxnRequest.transactionalId InitProducerIdRequest.transactionalId ProduceRequest.transactionalId TxnOffsetCommitRequest.transactionalId`,
  ],
  transactionProducer: [
    "given by the transaction's cluster, which alone hears it",
    `AddOffsetsToTxnRequest.producerId AddPartitionsToTxnRequest.v3AndBelowProducerId EndTxnRequest.producerId TxnOffsetCommitRequest.producerId`,
  ],
  virtualProducer: [
    "the default cluster's; the others' own are written into batches",
    `InitProducerIdRequest.producerId InitProducerIdResponse.producerId`,
  ],
  aborted: [
    "passes: must match the batches of the same cluster",
    `FetchResponse.responses.partitions.abortedTransactions.producerId`,
  ],
  facade: [
    "the router's own",
    `DescribeClusterResponse.brokers.brokerId DescribeClusterResponse.controllerId FindCoordinatorResponse.nodeId MetadataResponse.brokers.nodeId MetadataResponse.controllerId MetadataResponse.topics.partitions.isrNodes MetadataResponse.topics.partitions.leaderId MetadataResponse.topics.partitions.offlineReplicas MetadataResponse.topics.partitions.replicaNodes`,
  ],
  hidden: [
    "-1: clients must not see brokers",
    `FetchResponse.responses.partitions.currentLeader.leaderId FetchResponse.responses.partitions.preferredReadReplica`,
  ],
  assigned: [
    "refused: clients know no broker that it could mean",
    `CreatePartitionsRequest.topics.assignments.brokerIds CreateTopicsRequest.topics.assignments.brokerIds`,
  ],
  replica: [
    "a broker that fetches to replicate is refused; clients send -1, which passes",
    `FetchRequest.replicaId ListOffsetsRequest.replicaId OffsetForLeaderEpochRequest.replicaId`,
  ],
};

test("every name and id in the messages is handled", () => {
  const known = Object.values(handled).flatMap(([, paths]) => paths.trim().split(/\s+/));
  assert.deepEqual(entities.map(([path]) => path).sort(), known.sort());
});
