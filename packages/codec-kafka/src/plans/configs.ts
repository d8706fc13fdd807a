/**
 * DescribeConfigs, AlterConfigs and IncrementalAlterConfigs. Topics: by the cluster that owns them. Groups:
 * by their home. The broker that clients see is the router: described by the first broker of the first
 * cluster under the router's id, changed never.
 */
import type { Place, Plan, Where } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { AlterConfigsRequest } from "../generated/alter-configs-request.ts";
import {
  AlterConfigsResourceResponse,
  AlterConfigsResponse,
} from "../generated/alter-configs-response.ts";
import { alterConfigs, describeConfigs, incrementalAlterConfigs } from "../generated/apis.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResource,
} from "../generated/describe-configs-request.ts";
import {
  DescribeConfigsResponse,
  DescribeConfigsResult,
} from "../generated/describe-configs-response.ts";
import { IncrementalAlterConfigsRequest } from "../generated/incremental-alter-configs-request.ts";
import {
  IncrementalAlterConfigsResponse,
  AlterConfigsResourceResponse as IncrementalResourceResponse,
} from "../generated/incremental-alter-configs-response.ts";
import { byName } from "./by-name.ts";
import { lookUp } from "./look-up.ts";
import { make } from "./plans.ts";

/** Kinds of resources; see org.apache.kafka.common.config.ConfigResource. */
export const resourceKinds = { topic: 2, broker: 4, group: 32 } as const;

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

const keyOf = ({ resourceType, resourceName }: Resource): string =>
  `${resourceType} ${resourceName}`;

/** Cluster of a resource, or why none can be asked. */
function owner(call: Where, resource: Resource, changes: boolean): Place {
  const { resourceType, resourceName } = resource;
  const { layout } = call;
  if (resourceType === resourceKinds.topic) {
    const cluster = layout.owner(resourceName);
    return cluster < 0 ? errorCodes.unknownTopicOrPartition : { cluster, node: "" };
  }
  if (resourceType === resourceKinds.group) {
    return { cluster: layout.home("group", resourceName), node: "" };
  }
  // An empty name means what all brokers of a cluster have in common.
  const own =
    resourceName === "" || layout.facade.nodes.some(({ nodeId }) => `${nodeId}` === resourceName);
  if (resourceType !== resourceKinds.broker || changes || !own) return errorCodes.invalidRequest;
  const [broker] = call.view(layout.first).brokers;
  const place = broker === undefined ? null : call.place(layout.first, broker);
  return place ?? errorCodes.leaderNotAvailable;
}

/** What is shown to whoever asked for what is no one cluster's. */
function wordsFor(code: number): string | null {
  return code === errorCodes.invalidRequest
    ? "The broker that clients know is the router, which has no such configuration: ask a cluster directly."
    : null;
}

/** DescribeConfigs. */
export const describeConfigsPlan: Plan<DescribeConfigsRequest, DescribeConfigsResponse> = {
  api: describeConfigs,
  plan(call) {
    const { first } = call.layout;
    return lookUp(call, { brokers: [first] }, () => {
      const broker = call.view(first).brokers[0];
      const isBroker = ({ resourceType, resourceName }: Resource) =>
        resourceType === resourceKinds.broker && resourceName !== "";
      const named = (resource: DescribeConfigsResource) =>
        isBroker(resource)
          ? make(DescribeConfigsResource, resource, { resourceName: `${broker}` })
          : resource;
      return byName(call, {
        api: describeConfigs,
        items: call.request.resources,
        place: (item) => owner(call, item, false),
        // All brokers that are asked for are the same one.
        keyOf: (item) => (isBroker(item) ? `${resourceKinds.broker}` : keyOf(item)),
        request: (items) =>
          make(DescribeConfigsRequest, call.request, { resources: items.map(named) }),
        results: ({ results }) =>
          results.map(
            (result) =>
              [isBroker(result) ? `${resourceKinds.broker}` : keyOf(result), result] as const,
          ),
        refused: ({ resourceType, resourceName }, errorCode, errorMessage) =>
          make(DescribeConfigsResult, {
            ...{ resourceType, resourceName, errorCode },
            errorMessage: errorMessage ?? wordsFor(errorCode),
          }),
        code: ({ errorCode }) => errorCode,
        response: (results, throttleTimeMs) =>
          make(DescribeConfigsResponse, {
            results: results.map((result, i) =>
              make(DescribeConfigsResult, result, {
                resourceName: call.request.resources[i]?.resourceName ?? "",
              }),
            ),
            throttleTimeMs,
          }),
        throttle: ({ throttleTimeMs }) => throttleTimeMs,
        timeout: 0,
      });
    });
  },
};

/** AlterConfigs. */
export const alterConfigsPlan: Plan<AlterConfigsRequest, AlterConfigsResponse> = {
  api: alterConfigs,
  plan: (call) =>
    byName(call, {
      api: alterConfigs,
      items: call.request.resources,
      place: (item) => owner(call, item, true),
      keyOf: (item) => keyOf(item),
      request: (resources) => make(AlterConfigsRequest, call.request, { resources }),
      results: ({ responses }) => responses.map((result) => [keyOf(result), result] as const),
      refused: ({ resourceType, resourceName }, errorCode, errorMessage) =>
        make(AlterConfigsResourceResponse, {
          ...{ resourceType, resourceName, errorCode },
          errorMessage: errorMessage ?? wordsFor(errorCode),
        }),
      code: ({ errorCode }) => errorCode,
      response: (responses, throttleTimeMs) =>
        make(AlterConfigsResponse, { responses, throttleTimeMs }),
      throttle: ({ throttleTimeMs }) => throttleTimeMs,
      timeout: 0,
    }),
};

/** IncrementalAlterConfigs. */
export const incrementalAlterConfigsPlan: Plan<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
> = {
  api: incrementalAlterConfigs,
  plan: (call) =>
    byName(call, {
      api: incrementalAlterConfigs,
      items: call.request.resources,
      place: (item) => owner(call, item, true),
      keyOf: (item) => keyOf(item),
      request: (resources) => make(IncrementalAlterConfigsRequest, call.request, { resources }),
      results: ({ responses }) => responses.map((result) => [keyOf(result), result] as const),
      refused: ({ resourceType, resourceName }, errorCode, errorMessage) =>
        make(IncrementalResourceResponse, {
          ...{ resourceType, resourceName, errorCode },
          errorMessage: errorMessage ?? wordsFor(errorCode),
        }),
      code: ({ errorCode }) => errorCode,
      response: (responses, throttleTimeMs) =>
        make(IncrementalAlterConfigsResponse, { responses, throttleTimeMs }),
      throttle: ({ throttleTimeMs }) => throttleTimeMs,
      timeout: 0,
    }),
};
