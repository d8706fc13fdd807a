/**
 * Pure routing core: bytes in, map of cluster to packets out. No I/O, no
 * clock, no randomness: the host brings them.
 *
 * @packageDocumentation
 */

export { BaseLink } from "./base/base-link.ts";
export { BaseSession } from "./base/base-session.ts";
export { defineCodec } from "./base/define-codec.ts";
export { FramedLink } from "./base/framed-link.ts";
export {
  ask,
  emission,
  forward,
  fragment,
  later,
  local,
  type Packet,
  part,
  reaction,
  refuse,
  skip,
  stream,
} from "./base/make-plans.ts";
export { type IncrementalParser, ParserFramer } from "./base/parser-framer.ts";
export { equalBytes } from "./bytes/compare.ts";
export { join } from "./bytes/join.ts";
export { latin1, textOf } from "./bytes/latin1.ts";
export { decodeUtf8, encodeUtf8 } from "./bytes/utf8.ts";
export type {
  Capability,
  Codec,
  HashTag,
  Limits,
  LinkCodec,
  LinkContext,
  OwnRules,
  OwnRulesView,
  RequestClasses,
  RouterContext,
  RunningCodec,
  ScanEvent,
  SessionCodec,
  SessionContext,
} from "./codec.ts";
export {
  addByPosition,
  addConcatenated,
  byPosition,
  concatenate,
  type ItemSource,
} from "./combine/by-position.ts";
export {
  type CompositeCursor,
  type CursorScope,
  maxCursorClusters,
  nextCursor,
  packCursor,
  unpackCursor,
} from "./combine/cursor.ts";
export {
  anySuccess,
  type ErrorOf,
  type FirstError,
  firstError,
  firstFailure,
  frameOf,
  type NoReply,
  type OwnError,
} from "./combine/errors.ts";
export {
  allEqual,
  ascending,
  type Compare,
  exactSum,
  foldByKey,
  max,
  min,
  sum,
} from "./combine/fold.ts";
export { type Grouping, groupBy, groupByOwner } from "./combine/group.ts";
export { mergeSorted, type PageResult, SortedMerge } from "./combine/sorted-merge.ts";
export { SortedStream } from "./combine/sorted-stream.ts";
export { Spans } from "./combine/spans.ts";
export { ByteSet, union } from "./combine/union.ts";
export type { CommandStats, LocalStats } from "./counts.ts";
export { type Effect, Effects, type HostAsk, type Open } from "./effects.ts";
export {
  assertNever,
  ConfigError,
  type ConfigFinding,
  EchardeError,
  type ErrorCode,
  LocalProtocolError,
} from "./errors.ts";
export type { Explanation } from "./explain.ts";
export { Journal, type Slot } from "./journal.ts";
export type { ValueQuestion } from "./kept-values.ts";
export { defaultLimits } from "./limits.ts";
export type {
  ClientClosed,
  LinkLost,
  Notice,
  SlowRequest,
  UpstreamDown,
  UpstreamUp,
} from "./notices.ts";
export type { Peer } from "./peer.ts";
export type {
  Ask,
  Emission,
  Failure,
  FailureReason,
  Forward,
  Fragment,
  Lane,
  Later,
  Local,
  NextPlan,
  Part,
  Plan,
  Reaction,
  Refuse,
  Reply,
  Sending,
  Skip,
  StreamFragment,
  StreamMerge,
  Target,
} from "./plan.ts";
export { noReaction } from "./plan.ts";
export { createRouter, type PeerEvent, Router, type RouterOptions } from "./router.ts";
export {
  type AuthenticateQuestion,
  type Credentials,
  noSecurity,
  type Rights,
  Secret,
  type Security,
  type Users,
} from "./security.ts";
export type {
  KeptSession,
  SessionQuestion,
  SessionRecord,
  SessionRecords,
} from "./session-records.ts";
export { type CompileOptions, checkTable, compileTable } from "./table/compile.ts";
export type { TableFinding } from "./table/findings.ts";
export { braceTag } from "./table/hash-tag.ts";
export type {
  ClusterKeyOwner,
  HashKeyOwner,
  KeyMap,
  KeyMapRule,
  MakeKeyMap,
} from "./table/key-map.ts";
export { slotOf } from "./table/slot-hasher.ts";
export type {
  ClusterEntrySpec,
  FilterRuleSpec,
  HashRuleBase,
  HexSpec,
  KetamaRuleSpec,
  KeyRuleSpec,
  KeySpec,
  MapRuleSpec,
  OverSpec,
  PrefixRuleSpec,
  RangeRuleSpec,
  RouteSpec,
  SlotRuleSpec,
  SpreadRuleSpec,
  TableSpec,
} from "./table/spec.ts";
export type { ClusterSpec, RouteExplanation, RoutingTable, RuleView } from "./table/table.ts";
export type { UpstreamStats } from "./upstream.ts";
export type { ClientView, LinkView, UpstreamView } from "./views.ts";
