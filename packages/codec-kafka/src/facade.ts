/**
 * The one broker that clients see (or one for each instance of the router): it leads every partition,
 * coordinates every group and is the controller. Every instance can serve everything, so which of them
 * is named only spreads the load; all of them name the same.
 */
import { hostAndPort } from "./options.ts";

/** Its address, as the protocol gives it. */
export interface FacadeNode {
  /** Node id. */
  readonly nodeId: number;
  /** Name or number of the machine. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
}

/** See the module. */
export class Facade {
  /** One for each instance, by node id from 0. */
  readonly nodes: readonly FacadeNode[];
  /** The same from every instance: clients complain when it changes. */
  readonly clusterId: string;

  constructor(advertised: readonly string[], clusters: readonly string[]) {
    this.nodes = advertised.map((address, nodeId) => ({
      nodeId,
      ...(hostAndPort(address) ?? { host: "", port: 0 }),
    }));
    const names = clusters.join("\n");
    this.clusterId = `echarde-${hex(fnv(names, 0x811c9dc5))}${hex(fnv(names, 0x01234567))}`;
  }

  /** Id of the instance that leads the partition. */
  leader(topic: string, partition: number): number {
    return (fnv(topic, 0x811c9dc5) + partition) % this.nodes.length;
  }

  /** The instance that coordinates a group or transactional id. */
  coordinator(key: string): FacadeNode {
    return this.nodes[fnv(key, 0x811c9dc5) % this.nodes.length] as FacadeNode;
  }
}

function fnv(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
