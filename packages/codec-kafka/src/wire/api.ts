import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** What both messages of an API have. */
interface Numbered {
  /** Number in request headers. */
  readonly key: number;
  /** First flexible version: headers have tags from it on. */
  readonly flexible: number;
}

/** The requests of an API. */
export interface RequestOf<Req> extends Numbered {
  /** Reads the body of a request. */
  readonly readRequest: (reader: Reader, version: number) => Req;
  /** Writes the body of a request. */
  readonly writeRequest: (writer: Writer, message: Req, version: number) => void;
}

/** The responses of an API. */
export interface ResponseOf<Res> extends Numbered {
  /** Reads the body of a response. */
  readonly readResponse: (reader: Reader, version: number) => Res;
  /** Writes the body of a response. */
  readonly writeResponse: (writer: Writer, message: Res, version: number) => void;
}

/** A kind of request with its response. */
export interface Api<Req, Res> extends RequestOf<Req>, ResponseOf<Res> {
  /** Name in the specifications. */
  readonly name: string;
  /** First version that the codec speaks. */
  readonly min: number;
  /** Last one. */
  readonly max: number;
}

/** One whose messages are not looked into. */
export type AnyApi = Api<object, object>;
