/** Guards of Metadata and of requests about configurations. */
import { errorCodes } from "../error-codes.ts";
import { AlterConfigsRequest } from "../generated/alter-configs-request.ts";
import {
  AlterConfigsResourceResponse,
  AlterConfigsResponse,
} from "../generated/alter-configs-response.ts";
import { DescribeConfigsRequest } from "../generated/describe-configs-request.ts";
import {
  DescribeConfigsResponse,
  DescribeConfigsResult,
} from "../generated/describe-configs-response.ts";
import { IncrementalAlterConfigsRequest } from "../generated/incremental-alter-configs-request.ts";
import {
  IncrementalAlterConfigsResponse,
  AlterConfigsResourceResponse as IncrementalResourceResponse,
} from "../generated/incremental-alter-configs-response.ts";
import { MetadataRequest } from "../generated/metadata-request.ts";
import { MetadataResponse, MetadataResponseTopic } from "../generated/metadata-response.ts";
import { resourceKinds } from "../plans/configs.ts";
import { make } from "../plans/plans.ts";
import type { Access, RequestClass } from "./access.ts";
import { type Guard, parted } from "./guard.ts";

const { clusterAuthorizationFailed, groupAuthorizationFailed, topicAuthorizationFailed } =
  errorCodes;

const metadata: Guard<MetadataRequest, MetadataResponse> = {
  ...{ key: 3, empty: MetadataResponse },
  look: (request, access, version) => {
    const may = (name: string | null) => name === null || access.may("topic", name, null);
    // Whoever may not create topics does not create them by asking, either.
    const allowAutoTopicCreation = request.allowAutoTopicCreation && access.allows("admin");
    const everything = request.topics === null || (version === 0 && request.topics.length === 0);
    const [allowed, denied] = parted(request.topics ?? [], ({ name }) => may(name));
    const refused = denied.map(({ name }) =>
      make(MetadataResponseTopic, { name, errorCode: topicAuthorizationFailed }),
    );
    return {
      rest: make(MetadataRequest, request, {
        topics: everything ? null : allowed,
        allowAutoTopicCreation,
      }),
      amend: (response) =>
        make(MetadataResponse, response, {
          topics: [...response.topics.filter(({ name }) => may(name)), ...refused],
        }),
    };
  },
};

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Error code for a resource, 0 = none. The broker is everybody's. */
function codeOf(
  { resourceType, resourceName }: Resource,
  access: Access,
  group: RequestClass | null,
): number {
  if (resourceType === resourceKinds.topic) {
    return access.may("topic", resourceName, group) ? 0 : topicAuthorizationFailed;
  }
  if (resourceType === resourceKinds.group) {
    return access.may("group", resourceName, group) ? 0 : groupAuthorizationFailed;
  }
  return access.allows("admin") && !access.routed ? 0 : clusterAuthorizationFailed;
}

function byResources<Q, R, I extends Resource>(
  { key, empty }: Pick<Guard<Q, R>, "key" | "empty">,
  group: RequestClass | null,
  items: (request: Q) => readonly I[],
  rest: (request: Q, items: readonly I[]) => Q,
  refuse: (
    response: R,
    refused: readonly (Resource & { readonly errorCode: number; readonly errorMessage: null })[],
  ) => R,
): Guard<Q, R> {
  return {
    ...{ key, empty },
    look: (request, access) => {
      const [allowed, denied] = parted(items(request), (item) => codeOf(item, access, group) === 0);
      if (denied.length === 0) return null;
      const refused = denied.map((item) => {
        const { resourceType, resourceName } = item;
        const errorCode = codeOf(item, access, group);
        return { resourceType, resourceName, errorCode, errorMessage: null };
      });
      return {
        rest: allowed.length === 0 ? null : rest(request, allowed),
        amend: (response) => refuse(response, refused),
      };
    },
  };
}

/** See the module. */
export const metadataGuards: readonly unknown[] = [
  metadata,
  byResources(
    { key: 32, empty: DescribeConfigsResponse },
    null,
    (request: DescribeConfigsRequest) => request.resources,
    (request, resources) => make(DescribeConfigsRequest, request, { resources }),
    (response, refused) =>
      make(DescribeConfigsResponse, response, {
        results: [...response.results, ...refused.map((one) => make(DescribeConfigsResult, one))],
      }),
  ),
  byResources(
    { key: 33, empty: AlterConfigsResponse },
    "admin",
    (request: AlterConfigsRequest) => request.resources,
    (request, resources) => make(AlterConfigsRequest, request, { resources }),
    (response, refused) =>
      make(AlterConfigsResponse, response, {
        responses: [
          ...response.responses,
          ...refused.map((one) => make(AlterConfigsResourceResponse, one)),
        ],
      }),
  ),
  byResources(
    { key: 44, empty: IncrementalAlterConfigsResponse },
    "admin",
    (request: IncrementalAlterConfigsRequest) => request.resources,
    (request, resources) => make(IncrementalAlterConfigsRequest, request, { resources }),
    (response, refused) =>
      make(IncrementalAlterConfigsResponse, response, {
        responses: [
          ...response.responses,
          ...refused.map((one) => make(IncrementalResourceResponse, one)),
        ],
      }),
  ),
];
