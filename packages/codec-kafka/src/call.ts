/** One request of a client, and what every plan for it needs. */
import type { Failure, Local, NextPlan, Part, Reply, SessionContext } from "@echarde/core";
import type { ClusterView, CoordinatorKind } from "./cluster-view.ts";
import { errorCodes } from "./error-codes.ts";
import type { Layout } from "./layout.ts";
import type { KafkaRuntime } from "./runtime.ts";
import type { Api, RequestOf, ResponseOf } from "./wire/api.ts";
import { readResponse, writeRequest, writeResponse } from "./wire/frame.ts";
import { Malformed } from "./wire/reader.ts";

/** How one API is carried out. */
export interface Plan<Req, Res> {
  /** Which one. */
  readonly api: Api<Req, Res>;
  /** What becomes of a request. */
  plan(call: Call<Req, Res>): NextPlan;
}

/** A node, or why there is none, as an error code. */
export type Place = { readonly cluster: number; readonly node: string } | number;

/** See the module. */
export class Call<Req, Res> {
  readonly runtime: KafkaRuntime;
  readonly session: SessionContext;
  readonly layout: Layout;
  readonly api: Api<Req, Res>;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly request: Req;
  /** The whole request; a view that stays valid. */
  readonly frame: Uint8Array;
  /** Adds what the client had no right to ask for to the answer; null = there is nothing of the kind. */
  readonly amend: ((response: Res) => Res) | null;

  constructor(given: Pick<Call<Req, Res>, Given> & Partial<Pick<Call<Req, Res>, "amend">>) {
    this.runtime = given.runtime;
    this.session = given.session;
    this.layout = given.runtime.layout;
    this.api = given.api;
    this.version = given.version;
    this.correlationId = given.correlationId;
    this.clientId = given.clientId;
    this.request = given.request;
    this.frame = given.frame;
    this.amend = given.amend ?? null;
  }

  /** Time of the current input, Unix milliseconds. */
  get now(): number {
    return this.session.now;
  }

  /** What is known of a cluster. */
  view(cluster: number): ClusterView {
    return this.runtime.view(this.layout.nameOf(cluster));
  }

  /** The answer. */
  answer(response: Res): Local {
    const whole = this.amend === null ? response : this.amend(response);
    const bytes = writeResponse(this.api, this.version, this.correlationId, whole);
    return { type: "local", bytes, end: false, release: false };
  }

  /** A packet for a node. */
  part<Q>(api: RequestOf<Q>, version: number, cluster: number, node: string, body: Q): Part {
    const bytes = writeRequest(api, version, this.clientId, body);
    return { cluster, node, lane: "private", bytes, frames: 1, expect: 0, id: -1 };
  }

  /** The very request for a node. */
  whole(cluster: number, node: string): Part {
    const bytes = [this.frame];
    return { cluster, node, lane: "private", bytes, frames: 1, expect: 0, id: -1 };
  }

  /** The response in a reply; null when it failed or is not of the protocol. */
  read<R>(api: ResponseOf<R>, version: number, reply: Reply | undefined): R | null {
    const frame = reply?.failure === null ? reply.frames[0] : undefined;
    if (frame === undefined) return null;
    try {
      return readResponse(api, version, frame);
    } catch (error) {
      if (error instanceof Malformed) return null;
      throw error;
    }
  }

  /** Where the leader of a partition is, as far as is known. */
  leader(topic: string, partition: number): Place {
    const cluster = this.layout.owner(topic);
    if (cluster < 0) return errorCodes.unknownTopicOrPartition;
    const view = this.view(cluster);
    const leader = view.leader(topic, partition);
    if (leader === null) return view.problem(topic);
    return this.place(cluster, leader) ?? errorCodes.leaderNotAvailable;
  }

  /** Where a coordinator is, as far as is known. */
  coordinator(kind: CoordinatorKind, key: string, cluster: number): Place {
    const node = this.view(cluster).coordinator(kind, key);
    const place = node === null ? null : this.place(cluster, node);
    return place ?? errorCodes.coordinatorNotAvailable;
  }

  /** Where a broker is; null when that is not known, or must not be dialled. */
  place(cluster: number, id: number): { readonly cluster: number; readonly node: string } | null {
    const spec = this.layout.table.clusters[cluster];
    const node =
      spec === undefined ? null : this.view(cluster).address(id, spec, this.layout.options);
    return node === null ? null : { cluster, node };
  }

  /** A part has no reply: what was known of its cluster may be no longer so. */
  failed(cluster: number, failure: Failure | null): void {
    if (failure?.reason !== "overloaded" && failure?.reason !== "too-large") {
      this.view(cluster).forgetAll();
    }
  }
}

/** The part of a call that says where things are. */
export type Where = Pick<Call<unknown, unknown>, "layout" | "view" | "place">;

type Given =
  | "runtime"
  | "session"
  | "api"
  | "version"
  | "correlationId"
  | "clientId"
  | "request"
  | "frame";

/**
 * What those get who asked a coordinator in vain: look for it again. Members of the Java client end when they
 * hear that the time was over.
 */
export function coordinatorCode(failure: Failure | null, kind: CoordinatorKind): number {
  const usual = errorCodes.coordinatorNotAvailable;
  if (failure?.reason === "timeout") return usual;
  const { groupAuthorizationFailed, transactionalIdAuthorizationFailed } = errorCodes;
  const isGroup = kind === "group";
  return failureCode(
    failure,
    usual,
    isGroup ? groupAuthorizationFailed : transactionalIdAuthorizationFailed,
  );
}

/** What an item of a failed part gets: `usual` is the error that makes clients look again and retry. */
export function failureCode(failure: Failure | null, usual: number, forbidden: number): number {
  switch (failure?.reason) {
    case "handshake":
      return forbidden;
    case "timeout":
      return errorCodes.requestTimedOut;
    case "too-large":
      return errorCodes.messageTooLarge;
    default:
      return usual;
  }
}
