/** What the compliance kit must be told about a protocol. */
import type { Lane, Plan } from "@echarde/core";
import type { ModelServer, ServerAt } from "./model-server.ts";
import type { Random } from "./random.ts";

/** One request as a client sends it. */
export interface RequestSample {
  /** For messages. */
  readonly name: string;
  /** The whole request, body included. */
  readonly bytes: Uint8Array;
  /** The plan that the codec must make of it as the first request of a session. */
  readonly does: Plan["type"];
  /** The cluster that owns it: required, and checked, where it is forwarded. */
  readonly cluster?: string;
  /** Where it is forwarded: the lane that it must take; not checked unless given. */
  readonly lane?: Lane;
  /** Whether what is behind it must wait for its answer; not checked unless given. */
  readonly hold?: boolean;
}

/** One frame as an upstream sends it. */
export interface ReplySample {
  /** For messages. */
  readonly name: string;
  /** The whole frame. */
  readonly bytes: Uint8Array;
  /** What the request says of it; 0 unless given. */
  readonly expect?: number;
  /** It answers no request. */
  readonly push?: boolean;
}

/** A request that a random run sends. */
export interface ModelRequest {
  /** For messages. */
  readonly name: string;
  /** The whole request. */
  readonly bytes: Uint8Array;
  /** Frames that the client gets for it. */
  readonly replies: number;
  /** What it says of them; 0 unless given. */
  readonly expect?: number;
  /** Whether this frame may answer it: its own reply, late or early, or an error, never somebody else's. */
  accepts(reply: Uint8Array): boolean;
}

/** Servers in virtual time, for the checks that need answers. */
export interface ServerSamples {
  /** The server behind each endpoint and node of the table. */
  readonly serverAt: ServerAt;
  /** One server with all the data: what the router must look like. */
  readonly single: () => ModelServer;
  /**
   * The `index`-th request of a client. Clients must not touch each other's
   * keys, and no request may wait for an event that does not come.
   */
  request(random: Random, client: number, index: number): ModelRequest;
  /** The most clients in one run; 3 unless given. Requests that see other clients' keys need a run of their own with 1. */
  readonly clients?: number;
  /** What of the bytes a client received must be as from one server; all of them unless given. */
  canonical?(received: Uint8Array): string;
}

/** See the module. */
export interface CodecSamples {
  /** A routing table with at least two clusters. */
  readonly table: unknown;
  /** At least one of each plan that the codec makes. */
  readonly requests: readonly RequestSample[];
  /** At least one of each form of reply. */
  readonly replies: readonly ReplySample[];
  /** Client bytes that must be refused with an end, each from its first byte on. */
  readonly garbage: readonly Uint8Array[];
  /** Without it the checks of sharding and of faults are left out. */
  readonly servers?: ServerSamples;
}
