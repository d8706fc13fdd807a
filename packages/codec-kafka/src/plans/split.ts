/**
 * Requests about partitions: each partition goes to the node that serves it, the results come back in the
 * order of the request. What has no node, and what a lost node was asked for, gets its error in its place.
 */
import type { Part, Reply } from "@echarde/core";
import { type Call, coordinatorCode, failureCode, type Place } from "../call.ts";
import { errorCodes } from "../error-codes.ts";
import type { Api } from "../wire/api.ts";
import { isKnown } from "./look-up.ts";
import { groupBy } from "./plans.ts";

/** A partition of a request: where it stands there, and what is said of it. */
export interface Item<P> {
  readonly topic: string;
  readonly index: number;
  readonly asked: P;
}

/** How the messages of an API name topics and partitions. */
export interface Shape<Q, R, P, S> {
  readonly api: Api<Q, R>;
  /** The partitions of a request. */
  items(request: Q): Item<P>[];
  /** A request for some of them. */
  request(request: Q, items: readonly Item<P>[], cluster: number): Q;
  /** The results in a response. */
  results(response: R): Iterable<readonly [topic: string, index: number, result: S]>;
  /** A result that is an error. */
  refused(item: Item<P>, code: number): S;
  /** Error code of a result. */
  code(result: S): number;
  /** A response with these results. */
  response(results: readonly (readonly [Item<P>, S])[], throttle: number, all: readonly R[]): R;
  /** Milliseconds that a broker said that it has throttled. */
  throttle(response: R): number;
  /** Who is asked: what a failed one's items get. */
  readonly serves: "leader" | "coordinator";
  /** A result says that somebody else is to be asked. */
  stale(call: Call<Q, R>, cluster: number, item: Item<P>, code: number): void;
}

/** A request, divided. */
export interface Division<Q, R, P, S> {
  /** Nodes and what each of them is asked. */
  readonly groups: readonly Group<P>[];
  /** Their packets. */
  parts(change?: (request: Q, groups: number) => Q): Part[];
  /** The response, of the replies of all packets. */
  merge(replies: readonly Reply[]): { readonly response: R; readonly results: readonly S[] };
}

/** What one node is asked. */
export interface Group<P> {
  readonly cluster: number;
  readonly node: string;
  readonly items: readonly Item<P>[];
}

/** Divides a request. */
export function divide<Q, R, P, S>(
  call: Call<Q, R>,
  shape: Shape<Q, R, P, S>,
  items: readonly Item<P>[],
  placeOf: (item: Item<P>) => Place,
): Division<Q, R, P, S> {
  const places = new Map<Item<P>, Place>(items.map((item) => [item, placeOf(item)]));
  const groups: Group<P>[] = [];
  const keyOf = (item: Item<P>): string => {
    const place = places.get(item) as Place;
    return isKnown(place) ? `${place.cluster}/${place.node}` : "";
  };
  for (const [key, mine] of groupBy(items, keyOf)) {
    const place = places.get(mine[0] as Item<P>) as Place;
    if (key !== "" && isKnown(place)) groups.push({ ...place, items: mine });
  }
  const { api } = shape;
  return {
    groups,
    parts: (change = (request) => request) =>
      groups.map(({ cluster, node, items: mine }) => {
        const body = change(shape.request(call.request, mine, cluster), groups.length);
        return call.part(api, call.version, cluster, node, body);
      }),
    merge: (replies) => {
      const found = new Map<string, S>();
      const all: R[] = [];
      const codes = new Map<Item<P>, number>();
      groups.forEach(({ cluster, items: mine }, i) => {
        const reply = replies[i];
        const response = call.read(api, call.version, reply);
        if (response !== null) {
          all.push(response);
          for (const [topic, index, result] of shape.results(response)) {
            found.set(`${index} ${topic}`, result);
          }
        } else call.failed(cluster, reply?.failure ?? null);
        for (const item of mine) {
          codes.set(item, codeOf(shape.serves, reply));
          const result = found.get(`${item.index} ${item.topic}`);
          if (result !== undefined) shape.stale(call, cluster, item, shape.code(result));
        }
      });
      const results = items.map((item) => {
        const place = places.get(item) as Place;
        const result = isKnown(place)
          ? (found.get(`${item.index} ${item.topic}`) ??
            shape.refused(item, codes.get(item) ?? errorCodes.leaderNotAvailable))
          : shape.refused(item, place);
        return [item, result] as const;
      });
      const throttle = Math.max(0, ...all.map((response) => shape.throttle(response)));
      return {
        response: shape.response(results, throttle, all),
        results: results.map(([, result]) => result),
      };
    },
  };
}

function codeOf(serves: "leader" | "coordinator", reply: Reply | undefined): number {
  const failure = reply?.failure ?? null;
  return serves === "leader"
    ? failureCode(failure, errorCodes.notLeaderOrFollower, errorCodes.topicAuthorizationFailed)
    : coordinatorCode(failure, "group");
}

/** Consecutive results by topic, in the form that messages have. */
export function byTopic<P, S>(
  results: readonly (readonly [Item<P>, S])[],
): (readonly [topic: string, results: S[]])[] {
  const groups = groupBy(results, ([{ topic }]) => topic);
  return [...groups].map(([topic, mine]) => [topic, mine.map(([, result]) => result)] as const);
}

/** As `byTopic`, for the items of a request. */
export function itemsByTopic<P>(
  items: readonly Item<P>[],
): (readonly [topic: string, asked: P[]])[] {
  const groups = groupBy(items, ({ topic }) => topic);
  return [...groups].map(([topic, mine]) => [topic, mine.map(({ asked }) => asked)] as const);
}

/** What every API that leaders serve does with an error that says so. */
export function forgetLeader(stale: ReadonlySet<number>) {
  return (
    call: { view(cluster: number): { forgetTopic(topic: string): void } },
    cluster: number,
    item: { readonly topic: string },
    code: number,
  ): void => {
    if (stale.has(code)) call.view(cluster).forgetTopic(item.topic);
  };
}
