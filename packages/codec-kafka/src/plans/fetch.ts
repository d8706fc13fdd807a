/**
 * Fetch. Sessions are never opened, so that every request is full. One broker is asked as the client
 * asked, and its response let through as it comes; several are asked in rounds with a short wait each, until
 * one has something or the client's time is over: a fetch cannot be taken back, so none may be left waiting
 * behind an answer that is already given.
 */
import { decodeUtf8, type NextPlan } from "@echarde/core";
import type { Call, Plan } from "../call.ts";
import { errorCodes, staleLeader } from "../error-codes.ts";
import { fetchApi } from "../generated/apis.ts";
import { type FetchPartition, FetchRequest, FetchTopic } from "../generated/fetch-request.ts";
import {
  FetchableTopicResponse,
  FetchResponse,
  LeaderIdAndEpoch,
  PartitionData,
} from "../generated/fetch-response.ts";
import { FetchStream } from "./fetch-stream.ts";
import { lookUp } from "./look-up.ts";
import { fragment, make } from "./plans.ts";
import { byTopic, divide, forgetLeader, itemsByTopic, type Shape } from "./split.ts";

const shape: Shape<FetchRequest, FetchResponse, FetchPartition, PartitionData> = {
  api: fetchApi,
  serves: "leader",
  items: ({ topics }) =>
    topics.flatMap(({ topic, partitions }) =>
      partitions.map((asked) => ({ topic, index: asked.partition, asked })),
    ),
  request: (request, items) =>
    make(FetchRequest, request, {
      topics: itemsByTopic(items).map(([topic, partitions]) =>
        make(FetchTopic, { topic, partitions }),
      ),
      ...sessionless,
    }),
  *results({ responses }) {
    for (const { topic, partitions } of responses)
      for (const result of partitions) yield [topic, result.partitionIndex, result];
  },
  refused: ({ index }, errorCode) =>
    make(PartitionData, {
      ...{ partitionIndex: index, errorCode, highWatermark: -1n, records: none },
    }),
  code: ({ errorCode }) => errorCode,
  response: (results, throttleTimeMs, all) =>
    make(FetchResponse, {
      throttleTimeMs,
      errorCode: all.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0,
      responses: byTopic(results).map(([topic, partitions]) =>
        make(FetchableTopicResponse, {
          topic,
          partitions: partitions.map((result) => faced(topic, result)),
        }),
      ),
    }),
  throttle: ({ throttleTimeMs }) => throttleTimeMs,
  stale: forgetLeader(staleLeader),
};

/** See the module. */
export const fetchPlan: Plan<FetchRequest, FetchResponse> = {
  api: fetchApi,
  plan(call) {
    const items = shape.items(call.request);
    if (call.request.replicaId >= 0) {
      // A broker that replicates: refused as by one that does not know it.
      const none = divide(call, shape, items, () => errorCodes.topicAuthorizationFailed);
      return call.answer(none.merge([]).response);
    }
    const leaders = items.map(({ topic, index }) => [topic, index] as const);
    return lookUp(call, { leaders }, () => rounds(call, call.now + call.request.maxWaitMs));
  },
};

function rounds(call: Call<FetchRequest, FetchResponse>, until: number): NextPlan {
  const { request } = call;
  const items = shape.items(request);
  const division = divide(call, shape, items, ({ topic, index }) => call.leader(topic, index));
  const several = division.groups.length > 1;
  const refused =
    division.groups.reduce((sum, group) => sum + group.items.length, 0) < items.length;
  const left = Math.max(0, until - call.now);
  // With an error to tell, nobody waits.
  const wait = refused ? 0 : several ? Math.min(left, call.layout.options.fetchSlice) : left;
  if (division.groups.length === 0) {
    const { response } = division.merge([]);
    if (items.length > 0 || left === 0) return call.answer(response);
    const resume = (): NextPlan => call.answer(response);
    return { type: "later", at: until, hold: false, resume };
  }
  const parts = division.parts((body, groups) =>
    make(FetchRequest, body, {
      maxWaitMs: wait,
      minBytes: several ? 1 : request.minBytes,
      maxBytes: Math.max(1, Math.floor(request.maxBytes / groups)),
    }),
  );
  const timeout = wait + call.runtime.requestTimeout;
  const [only] = division.groups;
  if (only !== undefined && !several && !refused && call.amend === null) {
    const { version, correlationId } = call;
    const merge = new FetchStream({
      version,
      correlationId,
      wrong: (topic, code) => {
        if (!staleLeader.has(code)) return;
        call.view(only.cluster).forgetTopic(decodeUtf8(topic, 0, topic.length));
      },
      instead: (failure) => call.answer(division.merge([{ frames: [], failure }]).response).bytes,
    });
    return { type: "stream", parts, merge, timeout, hold: false, silent: false };
  }
  return fragment(parts, timeout, (replies) => {
    const { response, results } = division.merge(replies);
    const over = !several || refused || call.now >= until || response.errorCode !== 0;
    if (over || hasNews(results, request.minBytes)) return call.answer(response);
    return rounds(call, until);
  });
}

/** Enough bytes, or something that the client must hear at once. */
function hasNews(results: readonly PartitionData[], minBytes: number): boolean {
  let bytes = 0;
  for (const { errorCode, divergingEpoch, records } of results) {
    if (errorCode !== 0 || divergingEpoch !== null) return true;
    bytes += records?.length ?? 0;
  }
  return bytes >= minBytes;
}

/** A result without what clients must not see: brokers. */
function faced(topic: string, result: PartitionData): PartitionData {
  void topic;
  result.preferredReadReplica = -1;
  if (result.currentLeader !== null) {
    const { leaderEpoch } = result.currentLeader;
    result.currentLeader = make(LeaderIdAndEpoch, { leaderId: -1, leaderEpoch });
  }
  return result;
}

const none = new Uint8Array(0);
/** No session, and no rack: a broker that knew it would send the client to a replica nearby. */
const sessionless: Partial<FetchRequest> = {
  ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [], rackId: "", clusterId: null },
};
