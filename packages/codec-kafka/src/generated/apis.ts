// Written by scripts/generate-codec.ts from Apache Kafka's message specifications: do not edit.
// Specifications of Apache Kafka 3.9.1.
import type { Api, AnyApi } from "../wire/api.ts";
import { type ProduceRequest, readProduceRequest, writeProduceRequest } from "./produce-request.ts";
import { type ProduceResponse, readProduceResponse, writeProduceResponse } from "./produce-response.ts";
import { type FetchRequest, readFetchRequest, writeFetchRequest } from "./fetch-request.ts";
import { type FetchResponse, readFetchResponse, writeFetchResponse } from "./fetch-response.ts";
import { type ListOffsetsRequest, readListOffsetsRequest, writeListOffsetsRequest } from "./list-offsets-request.ts";
import { type ListOffsetsResponse, readListOffsetsResponse, writeListOffsetsResponse } from "./list-offsets-response.ts";
import { type MetadataRequest, readMetadataRequest, writeMetadataRequest } from "./metadata-request.ts";
import { type MetadataResponse, readMetadataResponse, writeMetadataResponse } from "./metadata-response.ts";
import { type OffsetCommitRequest, readOffsetCommitRequest, writeOffsetCommitRequest } from "./offset-commit-request.ts";
import { type OffsetCommitResponse, readOffsetCommitResponse, writeOffsetCommitResponse } from "./offset-commit-response.ts";
import { type OffsetFetchRequest, readOffsetFetchRequest, writeOffsetFetchRequest } from "./offset-fetch-request.ts";
import { type OffsetFetchResponse, readOffsetFetchResponse, writeOffsetFetchResponse } from "./offset-fetch-response.ts";
import { type FindCoordinatorRequest, readFindCoordinatorRequest, writeFindCoordinatorRequest } from "./find-coordinator-request.ts";
import { type FindCoordinatorResponse, readFindCoordinatorResponse, writeFindCoordinatorResponse } from "./find-coordinator-response.ts";
import { type JoinGroupRequest, readJoinGroupRequest, writeJoinGroupRequest } from "./join-group-request.ts";
import { type JoinGroupResponse, readJoinGroupResponse, writeJoinGroupResponse } from "./join-group-response.ts";
import { type HeartbeatRequest, readHeartbeatRequest, writeHeartbeatRequest } from "./heartbeat-request.ts";
import { type HeartbeatResponse, readHeartbeatResponse, writeHeartbeatResponse } from "./heartbeat-response.ts";
import { type LeaveGroupRequest, readLeaveGroupRequest, writeLeaveGroupRequest } from "./leave-group-request.ts";
import { type LeaveGroupResponse, readLeaveGroupResponse, writeLeaveGroupResponse } from "./leave-group-response.ts";
import { type SyncGroupRequest, readSyncGroupRequest, writeSyncGroupRequest } from "./sync-group-request.ts";
import { type SyncGroupResponse, readSyncGroupResponse, writeSyncGroupResponse } from "./sync-group-response.ts";
import { type DescribeGroupsRequest, readDescribeGroupsRequest, writeDescribeGroupsRequest } from "./describe-groups-request.ts";
import { type DescribeGroupsResponse, readDescribeGroupsResponse, writeDescribeGroupsResponse } from "./describe-groups-response.ts";
import { type ListGroupsRequest, readListGroupsRequest, writeListGroupsRequest } from "./list-groups-request.ts";
import { type ListGroupsResponse, readListGroupsResponse, writeListGroupsResponse } from "./list-groups-response.ts";
import { type SaslHandshakeRequest, readSaslHandshakeRequest, writeSaslHandshakeRequest } from "./sasl-handshake-request.ts";
import { type SaslHandshakeResponse, readSaslHandshakeResponse, writeSaslHandshakeResponse } from "./sasl-handshake-response.ts";
import { type ApiVersionsRequest, readApiVersionsRequest, writeApiVersionsRequest } from "./api-versions-request.ts";
import { type ApiVersionsResponse, readApiVersionsResponse, writeApiVersionsResponse } from "./api-versions-response.ts";
import { type CreateTopicsRequest, readCreateTopicsRequest, writeCreateTopicsRequest } from "./create-topics-request.ts";
import { type CreateTopicsResponse, readCreateTopicsResponse, writeCreateTopicsResponse } from "./create-topics-response.ts";
import { type DeleteTopicsRequest, readDeleteTopicsRequest, writeDeleteTopicsRequest } from "./delete-topics-request.ts";
import { type DeleteTopicsResponse, readDeleteTopicsResponse, writeDeleteTopicsResponse } from "./delete-topics-response.ts";
import { type DeleteRecordsRequest, readDeleteRecordsRequest, writeDeleteRecordsRequest } from "./delete-records-request.ts";
import { type DeleteRecordsResponse, readDeleteRecordsResponse, writeDeleteRecordsResponse } from "./delete-records-response.ts";
import { type InitProducerIdRequest, readInitProducerIdRequest, writeInitProducerIdRequest } from "./init-producer-id-request.ts";
import { type InitProducerIdResponse, readInitProducerIdResponse, writeInitProducerIdResponse } from "./init-producer-id-response.ts";
import { type OffsetForLeaderEpochRequest, readOffsetForLeaderEpochRequest, writeOffsetForLeaderEpochRequest } from "./offset-for-leader-epoch-request.ts";
import { type OffsetForLeaderEpochResponse, readOffsetForLeaderEpochResponse, writeOffsetForLeaderEpochResponse } from "./offset-for-leader-epoch-response.ts";
import { type AddPartitionsToTxnRequest, readAddPartitionsToTxnRequest, writeAddPartitionsToTxnRequest } from "./add-partitions-to-txn-request.ts";
import { type AddPartitionsToTxnResponse, readAddPartitionsToTxnResponse, writeAddPartitionsToTxnResponse } from "./add-partitions-to-txn-response.ts";
import { type AddOffsetsToTxnRequest, readAddOffsetsToTxnRequest, writeAddOffsetsToTxnRequest } from "./add-offsets-to-txn-request.ts";
import { type AddOffsetsToTxnResponse, readAddOffsetsToTxnResponse, writeAddOffsetsToTxnResponse } from "./add-offsets-to-txn-response.ts";
import { type EndTxnRequest, readEndTxnRequest, writeEndTxnRequest } from "./end-txn-request.ts";
import { type EndTxnResponse, readEndTxnResponse, writeEndTxnResponse } from "./end-txn-response.ts";
import { type TxnOffsetCommitRequest, readTxnOffsetCommitRequest, writeTxnOffsetCommitRequest } from "./txn-offset-commit-request.ts";
import { type TxnOffsetCommitResponse, readTxnOffsetCommitResponse, writeTxnOffsetCommitResponse } from "./txn-offset-commit-response.ts";
import { type DescribeConfigsRequest, readDescribeConfigsRequest, writeDescribeConfigsRequest } from "./describe-configs-request.ts";
import { type DescribeConfigsResponse, readDescribeConfigsResponse, writeDescribeConfigsResponse } from "./describe-configs-response.ts";
import { type AlterConfigsRequest, readAlterConfigsRequest, writeAlterConfigsRequest } from "./alter-configs-request.ts";
import { type AlterConfigsResponse, readAlterConfigsResponse, writeAlterConfigsResponse } from "./alter-configs-response.ts";
import { type SaslAuthenticateRequest, readSaslAuthenticateRequest, writeSaslAuthenticateRequest } from "./sasl-authenticate-request.ts";
import { type SaslAuthenticateResponse, readSaslAuthenticateResponse, writeSaslAuthenticateResponse } from "./sasl-authenticate-response.ts";
import { type CreatePartitionsRequest, readCreatePartitionsRequest, writeCreatePartitionsRequest } from "./create-partitions-request.ts";
import { type CreatePartitionsResponse, readCreatePartitionsResponse, writeCreatePartitionsResponse } from "./create-partitions-response.ts";
import { type DeleteGroupsRequest, readDeleteGroupsRequest, writeDeleteGroupsRequest } from "./delete-groups-request.ts";
import { type DeleteGroupsResponse, readDeleteGroupsResponse, writeDeleteGroupsResponse } from "./delete-groups-response.ts";
import { type IncrementalAlterConfigsRequest, readIncrementalAlterConfigsRequest, writeIncrementalAlterConfigsRequest } from "./incremental-alter-configs-request.ts";
import { type IncrementalAlterConfigsResponse, readIncrementalAlterConfigsResponse, writeIncrementalAlterConfigsResponse } from "./incremental-alter-configs-response.ts";
import { type OffsetDeleteRequest, readOffsetDeleteRequest, writeOffsetDeleteRequest } from "./offset-delete-request.ts";
import { type OffsetDeleteResponse, readOffsetDeleteResponse, writeOffsetDeleteResponse } from "./offset-delete-response.ts";
import { type DescribeClusterRequest, readDescribeClusterRequest, writeDescribeClusterRequest } from "./describe-cluster-request.ts";
import { type DescribeClusterResponse, readDescribeClusterResponse, writeDescribeClusterResponse } from "./describe-cluster-response.ts";

/** Produce. */
export const produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: "Produce",
  min: 0,
  max: 9,
  flexible: 9,
  readRequest: readProduceRequest,
  writeRequest: writeProduceRequest,
  readResponse: readProduceResponse,
  writeResponse: writeProduceResponse,
};

/** Fetch. */
export const fetchApi: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: "Fetch",
  min: 0,
  max: 12,
  flexible: 12,
  readRequest: readFetchRequest,
  writeRequest: writeFetchRequest,
  readResponse: readFetchResponse,
  writeResponse: writeFetchResponse,
};

/** ListOffsets. */
export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: "ListOffsets",
  min: 0,
  max: 8,
  flexible: 6,
  readRequest: readListOffsetsRequest,
  writeRequest: writeListOffsetsRequest,
  readResponse: readListOffsetsResponse,
  writeResponse: writeListOffsetsResponse,
};

/** Metadata. */
export const metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: "Metadata",
  min: 0,
  max: 11,
  flexible: 9,
  readRequest: readMetadataRequest,
  writeRequest: writeMetadataRequest,
  readResponse: readMetadataResponse,
  writeResponse: writeMetadataResponse,
};

/** OffsetCommit. */
export const offsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: "OffsetCommit",
  min: 0,
  max: 9,
  flexible: 8,
  readRequest: readOffsetCommitRequest,
  writeRequest: writeOffsetCommitRequest,
  readResponse: readOffsetCommitResponse,
  writeResponse: writeOffsetCommitResponse,
};

/** OffsetFetch. */
export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: "OffsetFetch",
  min: 0,
  max: 9,
  flexible: 6,
  readRequest: readOffsetFetchRequest,
  writeRequest: writeOffsetFetchRequest,
  readResponse: readOffsetFetchResponse,
  writeResponse: writeOffsetFetchResponse,
};

/** FindCoordinator. */
export const findCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: "FindCoordinator",
  min: 0,
  max: 3,
  flexible: 3,
  readRequest: readFindCoordinatorRequest,
  writeRequest: writeFindCoordinatorRequest,
  readResponse: readFindCoordinatorResponse,
  writeResponse: writeFindCoordinatorResponse,
};

/** JoinGroup. */
export const joinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: "JoinGroup",
  min: 0,
  max: 9,
  flexible: 6,
  readRequest: readJoinGroupRequest,
  writeRequest: writeJoinGroupRequest,
  readResponse: readJoinGroupResponse,
  writeResponse: writeJoinGroupResponse,
};

/** Heartbeat. */
export const heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: "Heartbeat",
  min: 0,
  max: 4,
  flexible: 4,
  readRequest: readHeartbeatRequest,
  writeRequest: writeHeartbeatRequest,
  readResponse: readHeartbeatResponse,
  writeResponse: writeHeartbeatResponse,
};

/** LeaveGroup. */
export const leaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: "LeaveGroup",
  min: 0,
  max: 5,
  flexible: 4,
  readRequest: readLeaveGroupRequest,
  writeRequest: writeLeaveGroupRequest,
  readResponse: readLeaveGroupResponse,
  writeResponse: writeLeaveGroupResponse,
};

/** SyncGroup. */
export const syncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: "SyncGroup",
  min: 0,
  max: 5,
  flexible: 4,
  readRequest: readSyncGroupRequest,
  writeRequest: writeSyncGroupRequest,
  readResponse: readSyncGroupResponse,
  writeResponse: writeSyncGroupResponse,
};

/** DescribeGroups. */
export const describeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: "DescribeGroups",
  min: 0,
  max: 5,
  flexible: 5,
  readRequest: readDescribeGroupsRequest,
  writeRequest: writeDescribeGroupsRequest,
  readResponse: readDescribeGroupsResponse,
  writeResponse: writeDescribeGroupsResponse,
};

/** ListGroups. */
export const listGroups: Api<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: "ListGroups",
  min: 0,
  max: 5,
  flexible: 3,
  readRequest: readListGroupsRequest,
  writeRequest: writeListGroupsRequest,
  readResponse: readListGroupsResponse,
  writeResponse: writeListGroupsResponse,
};

/** SaslHandshake. */
export const saslHandshake: Api<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: "SaslHandshake",
  min: 0,
  max: 1,
  flexible: 32767,
  readRequest: readSaslHandshakeRequest,
  writeRequest: writeSaslHandshakeRequest,
  readResponse: readSaslHandshakeResponse,
  writeResponse: writeSaslHandshakeResponse,
};

/** ApiVersions. */
export const apiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: "ApiVersions",
  min: 0,
  max: 4,
  flexible: 3,
  readRequest: readApiVersionsRequest,
  writeRequest: writeApiVersionsRequest,
  readResponse: readApiVersionsResponse,
  writeResponse: writeApiVersionsResponse,
};

/** CreateTopics. */
export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: "CreateTopics",
  min: 0,
  max: 7,
  flexible: 5,
  readRequest: readCreateTopicsRequest,
  writeRequest: writeCreateTopicsRequest,
  readResponse: readCreateTopicsResponse,
  writeResponse: writeCreateTopicsResponse,
};

/** DeleteTopics. */
export const deleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: "DeleteTopics",
  min: 0,
  max: 5,
  flexible: 4,
  readRequest: readDeleteTopicsRequest,
  writeRequest: writeDeleteTopicsRequest,
  readResponse: readDeleteTopicsResponse,
  writeResponse: writeDeleteTopicsResponse,
};

/** DeleteRecords. */
export const deleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: "DeleteRecords",
  min: 0,
  max: 2,
  flexible: 2,
  readRequest: readDeleteRecordsRequest,
  writeRequest: writeDeleteRecordsRequest,
  readResponse: readDeleteRecordsResponse,
  writeResponse: writeDeleteRecordsResponse,
};

/** InitProducerId. */
export const initProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: "InitProducerId",
  min: 0,
  max: 5,
  flexible: 2,
  readRequest: readInitProducerIdRequest,
  writeRequest: writeInitProducerIdRequest,
  readResponse: readInitProducerIdResponse,
  writeResponse: writeInitProducerIdResponse,
};

/** OffsetForLeaderEpoch. */
export const offsetForLeaderEpoch: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: 23,
  name: "OffsetForLeaderEpoch",
  min: 0,
  max: 4,
  flexible: 4,
  readRequest: readOffsetForLeaderEpochRequest,
  writeRequest: writeOffsetForLeaderEpochRequest,
  readResponse: readOffsetForLeaderEpochResponse,
  writeResponse: writeOffsetForLeaderEpochResponse,
};

/** AddPartitionsToTxn. */
export const addPartitionsToTxn: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  key: 24,
  name: "AddPartitionsToTxn",
  min: 0,
  max: 3,
  flexible: 3,
  readRequest: readAddPartitionsToTxnRequest,
  writeRequest: writeAddPartitionsToTxnRequest,
  readResponse: readAddPartitionsToTxnResponse,
  writeResponse: writeAddPartitionsToTxnResponse,
};

/** AddOffsetsToTxn. */
export const addOffsetsToTxn: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  key: 25,
  name: "AddOffsetsToTxn",
  min: 0,
  max: 4,
  flexible: 3,
  readRequest: readAddOffsetsToTxnRequest,
  writeRequest: writeAddOffsetsToTxnRequest,
  readResponse: readAddOffsetsToTxnResponse,
  writeResponse: writeAddOffsetsToTxnResponse,
};

/** EndTxn. */
export const endTxn: Api<EndTxnRequest, EndTxnResponse> = {
  key: 26,
  name: "EndTxn",
  min: 0,
  max: 4,
  flexible: 3,
  readRequest: readEndTxnRequest,
  writeRequest: writeEndTxnRequest,
  readResponse: readEndTxnResponse,
  writeResponse: writeEndTxnResponse,
};

/** TxnOffsetCommit. */
export const txnOffsetCommit: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  key: 28,
  name: "TxnOffsetCommit",
  min: 0,
  max: 4,
  flexible: 3,
  readRequest: readTxnOffsetCommitRequest,
  writeRequest: writeTxnOffsetCommitRequest,
  readResponse: readTxnOffsetCommitResponse,
  writeResponse: writeTxnOffsetCommitResponse,
};

/** DescribeConfigs. */
export const describeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: "DescribeConfigs",
  min: 0,
  max: 4,
  flexible: 4,
  readRequest: readDescribeConfigsRequest,
  writeRequest: writeDescribeConfigsRequest,
  readResponse: readDescribeConfigsResponse,
  writeResponse: writeDescribeConfigsResponse,
};

/** AlterConfigs. */
export const alterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = {
  key: 33,
  name: "AlterConfigs",
  min: 0,
  max: 2,
  flexible: 2,
  readRequest: readAlterConfigsRequest,
  writeRequest: writeAlterConfigsRequest,
  readResponse: readAlterConfigsResponse,
  writeResponse: writeAlterConfigsResponse,
};

/** SaslAuthenticate. */
export const saslAuthenticate: Api<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: "SaslAuthenticate",
  min: 0,
  max: 2,
  flexible: 2,
  readRequest: readSaslAuthenticateRequest,
  writeRequest: writeSaslAuthenticateRequest,
  readResponse: readSaslAuthenticateResponse,
  writeResponse: writeSaslAuthenticateResponse,
};

/** CreatePartitions. */
export const createPartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: "CreatePartitions",
  min: 0,
  max: 3,
  flexible: 2,
  readRequest: readCreatePartitionsRequest,
  writeRequest: writeCreatePartitionsRequest,
  readResponse: readCreatePartitionsResponse,
  writeResponse: writeCreatePartitionsResponse,
};

/** DeleteGroups. */
export const deleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: "DeleteGroups",
  min: 0,
  max: 2,
  flexible: 2,
  readRequest: readDeleteGroupsRequest,
  writeRequest: writeDeleteGroupsRequest,
  readResponse: readDeleteGroupsResponse,
  writeResponse: writeDeleteGroupsResponse,
};

/** IncrementalAlterConfigs. */
export const incrementalAlterConfigs: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  key: 44,
  name: "IncrementalAlterConfigs",
  min: 0,
  max: 1,
  flexible: 1,
  readRequest: readIncrementalAlterConfigsRequest,
  writeRequest: writeIncrementalAlterConfigsRequest,
  readResponse: readIncrementalAlterConfigsResponse,
  writeResponse: writeIncrementalAlterConfigsResponse,
};

/** OffsetDelete. */
export const offsetDelete: Api<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: "OffsetDelete",
  min: 0,
  max: 0,
  flexible: 32767,
  readRequest: readOffsetDeleteRequest,
  writeRequest: writeOffsetDeleteRequest,
  readResponse: readOffsetDeleteResponse,
  writeResponse: writeOffsetDeleteResponse,
};

/** DescribeCluster. */
export const describeCluster: Api<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: "DescribeCluster",
  min: 0,
  max: 1,
  flexible: 0,
  readRequest: readDescribeClusterRequest,
  writeRequest: writeDescribeClusterRequest,
  readResponse: readDescribeClusterResponse,
  writeResponse: writeDescribeClusterResponse,
};

/** All of them, by key. */
export const apis: readonly AnyApi[] = [produce, fetchApi, listOffsets, metadata, offsetCommit, offsetFetch, findCoordinator, joinGroup, heartbeat, leaveGroup, syncGroup, describeGroups, listGroups, saslHandshake, apiVersions, createTopics, deleteTopics, deleteRecords, initProducerId, offsetForLeaderEpoch, addPartitionsToTxn, addOffsetsToTxn, endTxn, txnOffsetCommit, describeConfigs, alterConfigs, saslAuthenticate, createPartitions, deleteGroups, incrementalAlterConfigs, offsetDelete, describeCluster] as readonly unknown[] as readonly AnyApi[];
