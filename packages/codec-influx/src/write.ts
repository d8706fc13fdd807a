/**
 * `/write` and `/api/v2/write`. A batch whose lines all belong to one cluster
 * goes there as it came, so that the server itself judges it. Any other batch
 * is checked whole first; its answer is one of the clusters', by this
 * precedence: lost or 5xx, 401 and 403, 404, 413, 400, 204. Timestamped lines
 * may be written again, so "retry" is always safe where a 400 would make a
 * client throw the batch away. Writes go over the client's own links: a server
 * answers the requests of one connection one after the other.
 */
import type { NextPlan, Plan, Reply, RouterContext } from "@echarde/core";
import { join } from "@echarde/core";
import { Gunzip } from "@echarde/http1";
import { errorOf, errorResponse, local, readReply, refusal, response } from "./http/answer.ts";
import { headerValue, type InfluxRequest, part, urlValue, withBody } from "./http/request.ts";
import { type BatchContext, splitBatch } from "./line/split-batch.ts";
import type { InfluxOptions } from "./options.ts";
import { failureText, type Sender } from "./sender.ts";

/** Plans a write. */
export function planWrite(
  request: InfluxRequest,
  router: RouterContext,
  options: InfluxOptions,
  now: number,
  sender: Sender,
  keys: Uint8Array[] | null,
): Plan {
  const { table } = router;
  const target = targetOf(request);
  // The server has words for a missing database and for what is no gzip.
  if (target === null) return sender.forward(table.localCluster, "private", -1);
  let batch = request.body;
  if (headerValue(request, "content-encoding") === "gzip") {
    const gunzip = new Gunzip({ output: options.maxExpanded });
    const pieces = gunzip.write(batch, 0, batch.length);
    if (gunzip.failure === "too large") {
      return refusal(413, "http: request body too large", request.close);
    }
    if (!gunzip.end()) return sender.forward(table.localCluster, "private", -1);
    batch = join(pieces);
  }
  const context = { table, options, now, keys, ...target };
  const { lines, errors, ours, unowned } = splitBatch(batch, 0, batch.length, context);
  if (unowned !== null) {
    return refusal(400, `no cluster owns the measurement ${unowned}`, request.close);
  }
  const [only = table.localCluster] = lines.keys();
  if (lines.size < 2 && !ours) return sender.forward(only, "private", -1);
  if (lines.size === 0) return refusal(400, errors.join("\n"), request.close);
  const parts = [...lines].map(([cluster, own]) =>
    part(cluster, withBody(request, own), "private"),
  );
  const { close } = request;
  return sender.fragment(parts, -1, (replies) => merge(replies, errors, close));
}

/** Plans a request that changes what all clusters have, each its own part, such as a v2 delete. */
export function planEverywhere(
  request: InfluxRequest,
  { table }: RouterContext,
  sender: Sender,
): Plan {
  const bytes = withBody(request, request.body);
  const parts = table.clusters.map((_, cluster) => part(cluster, bytes, "private"));
  const { close } = request;
  return sender.fragment(parts, -1, (replies) => merge(replies, [], close));
}

/** Database, policy and precision, null where the server must say what is missing. */
function targetOf(
  request: InfluxRequest,
): Pick<BatchContext, "database" | "policy" | "precision"> | null {
  let database = urlValue(request, "db");
  let policy = urlValue(request, "rp");
  let precision = urlValue(request, "precision");
  if (request.path === "/api/v2/write") {
    const bucket = urlValue(request, "bucket");
    const slash = bucket.indexOf("/");
    database = slash < 0 ? bucket : bucket.slice(0, slash);
    policy = slash < 0 ? "" : bucket.slice(slash + 1);
    if (precision === "us") precision = "u";
  }
  return database === "" ? null : { database, policy, precision };
}

function merge(replies: readonly Reply[], errors: readonly string[], close: boolean): NextPlan {
  let worst = 0;
  let worstRank = 99;
  let text = "";
  let dropped = 0;
  let partial = "";
  /** The worst answer as it came, where it is no JSON: that of a path that a server does not know. */
  let asItCame: Uint8Array | null = null;
  for (const { frames, failure } of replies) {
    const [frame] = frames;
    if (failure !== null || frame === undefined) {
      if (worstRank > 0) {
        worst = 503;
        worstRank = 0;
        text = failure === null ? "no answer" : failureText(failure);
        asItCame = null;
      }
      continue;
    }
    const { status, body } = readReply(frame);
    if (status === 204) continue;
    const said = errorOf(body);
    const count = /^partial write: [\s\S]* dropped=(\d+)$/.exec(said);
    if (count !== null) {
      dropped += Number(count[1]);
      partial ||= said.replace(/ dropped=\d+$/, "");
    }
    const rank = rankOf(status);
    if (rank < worstRank) {
      worst = status;
      worstRank = rank;
      text = said;
      asItCame = body[0] === OPEN_BRACE ? null : frame;
    }
  }
  if (worst === 400 && partial !== "") text = `${partial} dropped=${dropped}`;
  if (worst === 0 && errors.length > 0) {
    worst = 400;
    text = `partial write: ${errors.join("\n")} dropped=0`;
  }
  if (asItCame !== null && !close) return local([asItCame], false);
  if (worst !== 0) return local([errorResponse(worst, text, close)], close);
  return local([response(204, new Uint8Array(0), [], close)], close);
}

/** Lower comes first. */
function rankOf(status: number): number {
  if (status >= 500 || status < 400) return 1;
  const rank = [401, 403, 404, 413, 400].indexOf(status);
  return rank < 0 ? 9 : rank + 2;
}

const OPEN_BRACE = 0x7b;
