/** Who the client of a session is, from its CONNECT on. */
import type { RouterContext } from "@echarde/core";
import { encodePacket } from "../wire/encode.ts";
import { LARGEST_PACKET } from "../wire/frame-reader.ts";
import type { Version } from "../wire/packet-types.ts";
import type { Connect } from "../wire/packets.ts";
import { numberOf, type Property, propertyId } from "../wire/properties.ts";
import type { Asked } from "./merge-connack.ts";

/** Sessions of MQTT 3.1.1 that are kept, and the value of MQTT 5 for the same: they never expire. */
const NEVER = 0xffffffff;

/** A Session Expiry Interval as a time. */
export function millisecondsOf(sessionExpiry: number): number {
  return sessionExpiry === NEVER ? Number.POSITIVE_INFINITY : sessionExpiry * 1_000;
}
/** Topic aliases of a client that the router keeps: enough for a device's own topics, bounded by 64 KiB each. */
const topicAliases = 16;

/** See the module. */
export class Client {
  readonly version: Version;
  readonly connect: Connect;
  /** Its own, or the one that the router made. */
  readonly clientId: string;
  /** Seconds that its session is to be kept after the connection. */
  readonly sessionExpiry: number;
  /** QoS 1 and 2 messages to it in flight. */
  readonly receiveMaximum: number;
  /** Bytes that a packet to it may have. */
  readonly largestPacket: number;
  /** What it asked for, as CONNACK answers it. */
  readonly asked: Asked;
  /** Name of the broker that hears the will, null = there is none. */
  readonly willBroker: string | null;

  constructor(
    connect: Connect,
    made: { readonly clientId: string; readonly willBroker: string | null },
    maximumPacketSize: number,
  ) {
    const { version, properties, keepAlive, cleanStart } = connect;
    this.version = version;
    this.connect = connect;
    this.clientId = made.clientId;
    this.willBroker = made.willBroker;
    this.sessionExpiry =
      version === 5 ? numberOf(properties, propertyId.sessionExpiry, 0) : cleanStart ? 0 : NEVER;
    this.receiveMaximum = numberOf(properties, propertyId.receiveMaximum, 0xffff);
    this.largestPacket = numberOf(properties, propertyId.maximumPacketSize, LARGEST_PACKET);
    this.asked = {
      keepAlive,
      maximumPacketSize,
      sessionExpiry: this.sessionExpiry,
      topicAliases: version === 5 ? topicAliases : 0,
      assignedClientId: connect.clientId === "" ? made.clientId : null,
    };
  }

  /** Milliseconds that its session outlives the connection. */
  get idle(): number {
    return millisecondsOf(this.sessionExpiry);
  }

  /** The CONNECT for one broker. */
  connectFor(broker: string, router: RouterContext, cleanStart: boolean): Uint8Array {
    const { connect } = this;
    const own = router.security.credentials(broker);
    const passes = own === null && router.security.passes;
    return encodePacket(
      {
        ...connect,
        cleanStart,
        clientId: this.clientId,
        will: broker === this.willBroker ? connect.will : null,
        properties: connect.properties.filter(isForBrokers),
        userName: passes ? connect.userName : (own?.user ?? null),
        password: passes ? connect.password : (own?.password.reveal() ?? null),
      },
      this.version,
    );
  }
}

/** The router ends aliases: brokers make none towards it. */
function isForBrokers({ id }: Property): boolean {
  return id !== propertyId.topicAliasMaximum;
}
