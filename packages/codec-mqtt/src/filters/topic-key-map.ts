import { decodeUtf8, type KeyMapRule, type MakeKeyMap } from "@echarde/core";
import { TopicMap } from "./topic-map.ts";
import type { TopicRule } from "./topic-rules.ts";

/**
 * The rules of a routing table over topics: a `key` is one topic, a `prefix`
 * whole levels, a `filter` what MQTT means by it; a hash without either takes
 * every topic that does not begin with `$`.
 */
export const topicKeyMap: MakeKeyMap = (rules, fallback) =>
  new TopicMap(rules.map(topicRule), fallback);

function topicRule({ match, bytes, owner }: KeyMapRule): TopicRule {
  if (match === "rest") return { match: "prefix", text: "", owner };
  return { match: match === "key" ? "exact" : match, text: decodeUtf8(bytes), owner };
}
