/** Administration by name: each item goes to a broker of the cluster that owns it, results in the order asked. */
import type { NextPlan } from "@echarde/core";
import { type Call, failureCode, type Place, type Where } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import type { Api } from "../wire/api.ts";
import { isKnown } from "./look-up.ts";
import { fragment, groupBy } from "./plans.ts";

/** How the messages of an API hold items. */
export interface NamedShape<Q, R, I, S> {
  readonly api: Api<Q, R>;
  readonly items: readonly I[];
  /** Where an item goes, or why nowhere. */
  place(item: I): Place;
  /** Tells items apart. */
  keyOf(item: I): string;
  request(items: readonly I[], place: { readonly cluster: number; readonly node: string }): Q;
  results(response: R): Iterable<readonly [key: string, result: S]>;
  refused(item: I, code: number, message: string | null): S;
  code(result: S): number;
  response(results: readonly S[], throttle: number): R;
  throttle(response: R): number;
  /** Milliseconds that a broker may take. */
  readonly timeout: number;
}

/** Divides, asks, and puts the results in their places. */
export function byName<Q, R, I, S>(call: Call<Q, R>, shape: NamedShape<Q, R, I, S>): NextPlan {
  const places = new Map<I, Place>(shape.items.map((item) => [item, shape.place(item)]));
  const asked = shape.items.filter((item) => isKnown(places.get(item) ?? 0));
  const groups = [
    ...groupBy(asked, (item) => {
      const place = places.get(item) ?? 0;
      return isKnown(place) ? `${place.cluster}/${place.node}` : "";
    }).values(),
  ];
  const targets = groups.map(
    ([item]) => places.get(item as I) as { readonly cluster: number; readonly node: string },
  );
  const answer = (found: ReadonlyMap<I, S>, throttle: number): NextPlan =>
    call.answer(
      shape.response(
        shape.items.map((item) => {
          const place = places.get(item) ?? 0;
          const result = found.get(item);
          if (result !== undefined) return result;
          const code = isKnown(place) ? errorCodes.notController : place;
          return shape.refused(item, code, null);
        }),
        throttle,
      ),
    );
  if (groups.length === 0) return answer(new Map(), 0);
  const parts = groups.map((items, i) => {
    const target = targets[i] as (typeof targets)[number];
    const body = shape.request(items, target);
    return call.part(shape.api, call.version, target.cluster, target.node, body);
  });
  return fragment(parts, shape.timeout + call.runtime.requestTimeout, (replies) => {
    const found = new Map<I, S>();
    let throttle = 0;
    groups.forEach((items, i) => {
      const { cluster } = targets[i] as (typeof targets)[number];
      const reply = replies[i];
      const response = call.read(shape.api, call.version, reply);
      const failure = reply?.failure ?? null;
      if (response === null) {
        call.failed(cluster, failure);
        const usual =
          failure?.sent === false ? errorCodes.notController : errorCodes.requestTimedOut;
        const code = failureCode(failure, usual, errorCodes.clusterAuthorizationFailed);
        const words = `cluster ${call.layout.nameOf(cluster)} gave no answer`;
        for (const item of items) found.set(item, shape.refused(item, code, words));
        return;
      }
      throttle = Math.max(throttle, shape.throttle(response));
      const results = new Map(shape.results(response));
      for (const item of items) {
        const result = results.get(shape.keyOf(item));
        if (result === undefined) continue;
        found.set(item, result);
        if (shape.code(result) === errorCodes.notController) call.view(cluster).forgetController();
      }
    });
    return answer(found, throttle);
  });
}

/** The controller of the cluster that owns a topic. */
export function controllerOf(call: Where, topic: string): Place {
  const cluster = call.layout.owner(topic);
  if (cluster < 0) return errorCodes.unknownTopicOrPartition;
  const { controller } = call.view(cluster);
  return call.place(cluster, controller) ?? errorCodes.notController;
}
