/** The codec of Redis with commands that break what runs it: for tests of the module's guards. */
import { redis } from "@echarde/codec-redis";
import { type Codec, decodeUtf8 } from "@echarde/core";

const plain = redis();

/** LOOP never ends, DEEP calls itself, EAT takes all memory, THROW throws: each for one connection only. */
export const codec: Codec = {
  ...plain,
  name: "faulty",
  start: (router) => {
    const running = plain.start(router);
    const session = running.session.bind(running);
    running.session = (context) => {
      const made = session(context);
      const request = made.request.bind(made);
      made.request = (bytes, from) => {
        fault(decodeUtf8(bytes.subarray(from, from + 5)));
        return request(bytes, from);
      };
      return made;
    };
    return running;
  },
};

function fault(word: string): void {
  if (word === "LOOP\r") for (;;) void word;
  else if (word === "DEEP\r") deep(0);
  else if (word === "EAT\r\n") eat();
  else if (word === "THROW") throw new Error("the client said so");
}

function deep(depth: number): number {
  return deep(depth + 1) + depth;
}

function eat(): void {
  const eaten: Uint8Array[] = [];
  for (;;) eaten.push(new Uint8Array(1 << 20).fill(eaten.length));
}
