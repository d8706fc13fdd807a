/**
 * A span of OpenTelemetry for each request that took long enough. Made when its reply is there, from
 * the notice that the slow-request log reads, too: a request pays nothing for it before. The API
 * alone is used here; without a tracer of the user's in the process the spans go nowhere.
 */
import type { SlowRequest } from "@echarde/core";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** Makes the span; `now` = when the request ended, Unix milliseconds. */
export function makeSpan(protocol: string, notice: SlowRequest, now: number): void {
  const { request, upstream, milliseconds, outcome } = notice;
  const span = trace.getTracer("echarde").startSpan(request, {
    kind: SpanKind.CLIENT,
    startTime: now - milliseconds,
    attributes: {
      "db.system.name": protocol,
      "db.operation.name": request,
      "echarde.upstream": upstream,
    },
  });
  if (outcome !== "reply") {
    span.setAttribute("error.type", outcome);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(now);
}
