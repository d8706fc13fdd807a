/** ApiVersions: what the router speaks and every cluster does, too. */
import type { NextPlan } from "@echarde/core";
import type { Call, Plan } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import { ApiVersionsRequest } from "../generated/api-versions-request.ts";
import { ApiVersion, ApiVersionsResponse } from "../generated/api-versions-response.ts";
import { apis, apiVersions, produce } from "../generated/apis.ts";
import { writeResponse } from "../wire/frame.ts";
import { fragment, make } from "./plans.ts";

/** See the module. */
export const apiVersionsPlan: Plan<ApiVersionsRequest, ApiVersionsResponse> = {
  api: apiVersions,
  plan(call) {
    if (call.version > apiVersions.max) return tooNew(call);
    const stale = call.layout.clusters.filter((cluster) => {
      const { versions, versionsAt } = call.view(cluster);
      return versions === null || call.now - versionsAt > freshFor;
    });
    if (stale.length === 0) return answer(call);
    const parts = stale.map((cluster) =>
      call.part(apiVersions, 0, cluster, "", make(ApiVersionsRequest)),
    );
    return fragment(
      parts,
      -1,
      (replies) => {
        stale.forEach((cluster, i) => {
          const said = call.read(apiVersions, 0, replies[i]);
          if (said === null || said.errorCode !== 0) return;
          const view = call.view(cluster);
          view.versionsAt = call.now;
          view.versions = new Map(
            said.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
              apiKey,
              [minVersion, maxVersion],
            ]),
          );
        });
        return answer(call);
      },
      true,
    );
  },
};

function answer(call: Call<ApiVersionsRequest, ApiVersionsResponse>): NextPlan {
  const known = call.layout.clusters.flatMap((cluster) => call.view(cluster).versions ?? []);
  const apiKeys: ApiVersion[] = [];
  for (const { key, min, max } of apis) {
    let [low, high] = [min, max];
    if (!answeredHere.has(key)) {
      for (const versions of known) {
        const [least, most] = versions.get(key) ?? [1, 0];
        low = Math.max(low, least);
        high = Math.min(high, most);
      }
    }
    // Older librdkafka compresses only for brokers that seem to know the first versions.
    if (key === produce.key && low <= high) low = 0;
    if (low <= high)
      apiKeys.push(make(ApiVersion, { apiKey: key, minVersion: low, maxVersion: high }));
  }
  return call.answer(make(ApiVersionsResponse, { apiKeys }));
}

/** A version that we do not know is answered in the first one, which all clients do (KIP-511). */
function tooNew(call: Call<ApiVersionsRequest, ApiVersionsResponse>): NextPlan {
  const { key, min, max } = apiVersions;
  const body = make(ApiVersionsResponse, {
    errorCode: errorCodes.unsupportedVersion,
    apiKeys: [make(ApiVersion, { apiKey: key, minVersion: min, maxVersion: max })],
  });
  const bytes = writeResponse(apiVersions, 0, call.correlationId, body);
  return { type: "local", bytes, end: false, release: false };
}

/** ApiVersions, SaslHandshake, SaslAuthenticate, DescribeCluster: no cluster needs to know them. */
const answeredHere: ReadonlySet<number> = new Set([17, 18, 36, 60]);
/** Milliseconds after which brokers are asked again: they may have been upgraded. */
const freshFor = 60_000;
