/** A cluster of one broker without a clock, for runs in virtual time: metadata, produce, list offsets. One partition a topic. */
import { join } from "@echarde/core";
import type { ModelServer, ServerOutput } from "@echarde/testkit";
import { listOffsets, metadata, produce } from "../src/generated/apis.ts";
import {
  ListOffsetsPartitionResponse,
  ListOffsetsResponse,
  ListOffsetsTopicResponse,
} from "../src/generated/list-offsets-response.ts";
import {
  MetadataResponse,
  MetadataResponseBroker,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from "../src/generated/metadata-response.ts";
import {
  PartitionProduceResponse,
  ProduceResponse,
  TopicProduceResponse,
} from "../src/generated/produce-response.ts";
import { make } from "../src/plans/plans.ts";
import { readHead, readRequest, writeResponse } from "../src/wire/frame.ts";

/** See the module. */
export class ModelBroker implements ModelServer {
  readonly #address: string;
  readonly #ends = new Map<string, bigint>();
  readonly #unread = new Map<number, Uint8Array>();

  /** `address` = host:port that it tells of itself. */
  constructor(address: string) {
    this.#address = address;
  }

  opened(connection: number): readonly ServerOutput[] {
    this.#unread.set(connection, new Uint8Array(0));
    return [];
  }

  closed(connection: number): readonly ServerOutput[] {
    this.#unread.delete(connection);
    return [];
  }

  handle(connection: number, bytes: Uint8Array): readonly ServerOutput[] {
    let unread = join([this.#unread.get(connection) ?? new Uint8Array(0), bytes]).slice();
    const replies: Uint8Array[] = [];
    while (unread.length >= 4) {
      const size = new DataView(unread.buffer, unread.byteOffset).getInt32(0) + 4;
      if (unread.length < size) break;
      replies.push(...this.#reply(unread.slice(0, size)));
      unread = unread.slice(size);
    }
    this.#unread.set(connection, unread);
    return replies.length === 0 ? [] : [{ connection, bytes: join(replies).slice(), end: false }];
  }

  #reply(frame: Uint8Array): Uint8Array[] {
    const { key, version, correlationId } = readHead(frame, 0);
    if (key === metadata.key) {
      const { topics } = readRequest(metadata, version, frame).body;
      return writeResponse(metadata, version, correlationId, this.#metadata(topics ?? []));
    }
    if (key === listOffsets.key) {
      const { topics } = readRequest(listOffsets, version, frame).body;
      const said = topics.map(({ name }) => {
        const offset = this.#ends.get(name) ?? 0n;
        const partitions = [make(ListOffsetsPartitionResponse, { offset, timestamp: 7n })];
        return make(ListOffsetsTopicResponse, { name, partitions });
      });
      const body = make(ListOffsetsResponse, { topics: said });
      return writeResponse(listOffsets, version, correlationId, body);
    }
    const { topicData, acks } = readRequest(produce, version, frame).body;
    const responses = topicData.map(({ name }) => {
      const baseOffset = this.#ends.get(name) ?? 0n;
      this.#ends.set(name, baseOffset + 1n);
      const partitionResponses = [make(PartitionProduceResponse, { baseOffset })];
      return make(TopicProduceResponse, { name, partitionResponses });
    });
    const body = make(ProduceResponse, { responses });
    return acks === 0 ? [] : writeResponse(produce, version, correlationId, body);
  }

  #metadata(topics: readonly { readonly name: string | null }[]): MetadataResponse {
    const [host = "", port = ""] = this.#address.split(":");
    const partitions = [make(MetadataResponsePartition, { leaderId: 1, partitionIndex: 0 })];
    return make(MetadataResponse, {
      brokers: [make(MetadataResponseBroker, { nodeId: 1, host, port: Number(port) })],
      controllerId: 1,
      topics: topics.map(({ name }) => make(MetadataResponseTopic, { name, partitions })),
    });
  }
}
