import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkFilter, isShared, matches, sharedFilter } from "./filter.ts";

const faults: [string, ReturnType<typeof checkFilter>][] = [
  ["", "MQTT-4.7.3-1"],
  ["#", null],
  ["a/#", null],
  ["/#", null],
  ["a#", "MQTT-4.7.1-1"],
  ["a/#/b", "MQTT-4.7.1-1"],
  ["##", "MQTT-4.7.1-1"],
  ["#/", "MQTT-4.7.1-1"],
  ["+", null],
  ["+/a/+", null],
  ["//+", null],
  ["a+", "MQTT-4.7.1-2"],
  ["+a", "MQTT-4.7.1-2"],
  ["a/++", "MQTT-4.7.1-2"],
  ["a/+b/c", "MQTT-4.7.1-2"],
  ["+#", "MQTT-4.7.1-2"],
  ["$share", "MQTT-4.8.2-1"],
  ["$share/", "MQTT-4.8.2-1"],
  ["$share//a", "MQTT-4.8.2-1"],
  ["$share/g", "MQTT-4.8.2-2"],
  ["$share/g/", "MQTT-4.8.2-2"],
  ["$share/+/a", "MQTT-4.8.2-2"],
  ["$share/g#/a", "MQTT-4.8.2-2"],
  ["$share/g//", null],
  ["$share/g/a", null],
  ["$share/g/a/#", null],
  ["$share/g/a+", "MQTT-4.7.1-2"],
  ["$shared", null],
];
for (const [filter, fault] of faults) {
  test(`[${fault ?? "MQTT-4.7.1"}] "${filter}" is ${fault === null ? "" : "not "}a filter`, () => {
    assert.equal(checkFilter(filter), fault);
  });
}

test("$share means nothing where it is not asked for", () => {
  assert.equal(checkFilter("$share", false), null);
  assert.equal(checkFilter("$share/+/a", false), null);
});

test("[MQTT-4.8.2] the group and the filter of a shared subscription", () => {
  assert.deepEqual(sharedFilter("$share/g/a/+"), { group: "g", filter: "a/+" });
  assert.deepEqual(sharedFilter("$share/g//a"), { group: "g", filter: "/a" });
  assert.deepEqual(sharedFilter("a/$share/g"), { group: null, filter: "a/$share/g" });
  assert.equal(isShared("$sharea/b/c"), false);
});

const pairs: [string, string, boolean][] = [
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player12", false],
  ["sport/#", "sport", true],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["#", "a/b/c", true],
  ["#", "/", true],
  ["#", "$SYS/x", false],
  ["+/x", "$SYS/x", false],
  ["$SYS/#", "$SYS/x", true],
  ["$SYS/#", "$SYS", true],
  ["$SYS/+", "$SYS/x", true],
  ["a/#", "a/$b", true],
  ["a/+/c", "a//c", true],
  ["a/b", "a/b/", false],
  ["a/b/", "a/b", false],
  ["a", "A", false],
  ["a/b", "a/bc", false],
  ["a/bc", "a/b", false],
  ["$share/g/#", "a", true],
  ["$share/g/#", "$SYS/a", false],
  ["$share/g/a/+", "a/b", true],
  ["$share/g/a/+", "$share/g/a/b", false],
];
for (const [filter, topic, expected] of pairs) {
  test(`[MQTT-4.7] ${filter} ${expected ? "matches" : "does not match"} ${topic}`, () => {
    assert.equal(matches(filter, topic), expected);
  });
}

/** By the book, level by level. */
function matchesPlainly(filter: readonly string[], topic: readonly string[]): boolean {
  const [first, ...others] = filter;
  if (first === "#") return true;
  if (first === undefined || topic.length === 0) return first === undefined && topic.length === 0;
  if (first !== "+" && first !== topic[0]) return false;
  if (topic.length === 1 && others[0] === "#") return true;
  return matchesPlainly(others, topic.slice(1));
}

test("matching is what the plain definition says", () => {
  const level = fc.constantFrom("", "a", "b", "ab", "$", "$a");
  const topics = fc.array(level, { minLength: 1, maxLength: 5 });
  const filters = fc
    .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 4 }), fc.boolean())
    .map(([levels, hash]) => (hash || levels.length === 0 ? [...levels, "#"] : levels));
  fc.assert(
    fc.property(filters, topics, (filter, topic) => {
      const hidden = /^[+#]/.test(filter[0] ?? "") && topic[0]?.startsWith("$") === true;
      fc.pre(topic.join("/") !== "" && filter.join("/") !== "");
      assert.equal(
        matches(filter.join("/"), topic.join("/")),
        !hidden && matchesPlainly(filter, topic),
      );
    }),
    { numRuns: 5000 },
  );
});
