// The package has no types of its own.
declare module "redis-parser" {
  interface Options {
    returnReply(value: unknown): void;
    returnError(error: unknown): void;
    returnFatalError?(error: unknown): void;
    returnBuffers?: boolean;
  }
  // biome-ignore lint/style/noDefaultExport: it is the package's
  export default class RedisParser {
    constructor(options: Options);
    execute(bytes: Uint8Array): void;
  }
}
