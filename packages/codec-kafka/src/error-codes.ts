/** Error codes of the protocol that the router itself says or heeds; see org.apache.kafka.common.protocol.Errors. */
export const errorCodes = {
  none: 0,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeaderOrFollower: 6,
  requestTimedOut: 7,
  messageTooLarge: 10,
  coordinatorLoadInProgress: 14,
  coordinatorNotAvailable: 15,
  notCoordinator: 16,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  topicAuthorizationFailed: 29,
  groupAuthorizationFailed: 30,
  clusterAuthorizationFailed: 31,
  unsupportedSaslMechanism: 33,
  illegalSaslState: 34,
  unsupportedVersion: 35,
  invalidReplicaAssignment: 39,
  notController: 41,
  invalidRequest: 42,
  invalidProducerEpoch: 47,
  invalidTxnState: 48,
  transactionalIdAuthorizationFailed: 53,
  operationNotAttempted: 55,
  saslAuthenticationFailed: 58,
  nonEmptyGroup: 68,
  groupIdNotFound: 69,
  fencedLeaderEpoch: 74,
  groupSubscribedToTopic: 86,
  unknownTopicId: 100,
  unsupportedEndpointType: 115,
} as const;

/** Codes that say: whoever was asked does not lead the partition (any more). */
export const staleLeader: ReadonlySet<number> = new Set([3, 5, 6, 72, 74, 75]);

/** Codes that say: whoever was asked does not coordinate the group (any more). */
export const staleCoordinator: ReadonlySet<number> = new Set([15, 16]);
