import { measureStages, type StageFiles, type StageResult } from "../stages.ts";
import { redisMicro } from "./micro.ts";

/**
 * The stages of the original's report: frame the request, plan it, put it on a link, match the reply
 * to it, make and order the answer. What keeps a session and the effects of an input is apart.
 */
const files: StageFiles = [
  ["frame", /codec-redis\/(dist|src)\/(wire\/(request|inline|ascii)|request\.)/],
  ["match", /(wire\/reply-(scanner|types)|codec-redis\/(dist|src)\/link\.)/],
  ["match", /core\/(dist|src)\/(link-reader|in-flight|link\.|link-timer|outcomes|upstream|lanes)/],
  ["plan", /codec-redis\/|core\/(dist|src)\/(table|bytes\/crc|base|plan)/],
  ["send", /core\/(dist|src)\/(link-sender|forwarding|gate|session-links|exchange|body)/],
  ["coalesce", /core\/(dist|src)\/(answers|splits|combine|client-flow|bytes\/(arena|slab))/],
  ["session and effects", /core\/(dist|src)\//],
  ["garbage collection", /\(garbage collector\)/],
];

const measured = [/SET, 16 a chunk$/, /MGET/];

/** The breakdown of a forwarded SET and of an MGET. */
export async function redisStages(seconds: number): Promise<StageResult[]> {
  const results: StageResult[] = [];
  for (const { name, open } of redisMicro) {
    if (!measured.some((pattern) => pattern.test(name))) continue;
    const loop = await open();
    if (loop !== null) results.push(await measureStages(name, loop, files, seconds));
  }
  return results;
}
