/** Puts what happens to a server into its log: a line for each event, but no more than one of a kind in a second. */
import type { Notice } from "@echarde/core";
import type { Log } from "./log.ts";
import { Throttle } from "./throttle.ts";

/** See the module. */
export class EventLog {
  readonly #log: Log;
  readonly #now: () => number;
  readonly #throttle = new Throttle(1_000);

  /** @param now - milliseconds, any origin */
  constructor(log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** A notice of the router; `cause` is the system's word for it ("ECONNREFUSED"), where there is one. */
  notice(notice: Notice, cause: string | null): void {
    const why = cause === null ? {} : { cause };
    switch (notice.type) {
      case "upstream-up": {
        const { upstream, endpoint } = notice;
        this.#log.info({ event: "upstream-up", upstream, endpoint }, "upstream up");
        return;
      }
      case "upstream-down": {
        const { upstream, endpoint, attempts } = notice;
        const backoff = Math.round(notice.backoff);
        const fields = { event: "upstream-down", upstream, endpoint, ...why, backoff, attempts };
        this.#warn(upstream, fields, "upstream down");
        return;
      }
      case "link-lost": {
        const { upstream, link, reason, inFlight } = notice;
        const fields = { event: "link-lost", upstream, link, reason, ...why, inFlight };
        this.#warn(`${upstream} ${reason}`, fields, "connection to upstream lost");
        return;
      }
      case "slow-request": {
        const { upstream, request, outcome } = notice;
        const milliseconds = Math.round(notice.milliseconds);
        const fields = { event: "slow-request", upstream, request, milliseconds, outcome };
        this.#warn(`${upstream} ${request}`, fields, "slow request");
        return;
      }
      case "client-closed": {
        const { request, reason } = notice;
        const fields = { event: "client-closed", request, reason };
        this.#warn(request, fields, "client closed");
      }
    }
  }

  /** A client was closed before it said anything. */
  refused(reason: string, clients: number): void {
    const fields = { event: "client-refused", reason, clients };
    this.#warn(reason, fields, "client refused");
  }

  #warn(kind: string, fields: { readonly event: string }, message: string): void {
    const skipped = this.#throttle.pass(`${fields.event} ${kind}`, this.#now());
    if (skipped === null) return;
    this.#log.warn(skipped > 0 ? { ...fields, skipped } : fields, message);
  }
}
