/** codec-redis keeps the rules of every codec: any cut, any delay, slow readers, links that fail. */
import { describe, it } from "node:test";
import { redis } from "@echarde/codec-redis";
import { codecCompliance } from "@echarde/testkit";
import { redisAloneSamples, redisSamples } from "./model/samples.ts";

const codec = redis({ cutThrough: 500 });

describe("the rules of every codec", () => {
  for (const { name, run } of codecCompliance(codec, redisSamples)) it(name, run);
});

describe("the rules of every codec, alone with all keys", () => {
  for (const { name, run } of codecCompliance(codec, redisAloneSamples)) {
    if (name.includes("answer") || name.includes("outcome")) it(name, run);
  }
});
