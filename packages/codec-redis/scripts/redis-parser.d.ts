declare module "redis-parser" {
  interface Options {
    returnReply(value: any): void;
    returnError(error: any): void;
    returnFatalError?(error: any): void;
    returnBuffers?: boolean;
  }
  export default class RedisParser {
    constructor(options: Options);
    execute(bytes: Uint8Array): void;
  }
}
