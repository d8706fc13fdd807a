/** The codec by the rules that every codec keeps, and tables over topics. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError, checkTable, compileTable, encodeUtf8 } from "@echarde/core";
import { codecCompliance } from "@echarde/testkit";
import fc from "fast-check";
import { afterwards, introduced, introduction } from "../test/samples.ts";
import { mqtt } from "./codec.ts";
import { matches } from "./filters/filter.ts";
import { topicKeyMap } from "./filters/topic-key-map.ts";
import { TopicMap } from "./filters/topic-map.ts";

describe("compliance before CONNECT", () => {
  for (const { name, run } of codecCompliance(mqtt(), introduction, { runs: 50 })) test(name, run);
});

describe("compliance behind CONNECT", () => {
  for (const { name, run } of codecCompliance(introduced(), afterwards, { runs: 50 })) {
    test(name, run);
  }
});

describe("tables over topics", () => {
  const options = { hashTag: null, keyMap: topicKeyMap };
  const owner = (spec: object, topic: string): string | undefined => {
    const compiled = compileTable(spec, options);
    const bytes = encodeUtf8(topic);
    return compiled.clusters[compiled.route(bytes, 0, bytes.length)]?.name;
  };

  test("key, prefix by levels, filter, and hash of a level", () => {
    const spec = {
      defaultCluster: "d",
      routes: [
        { key: "site/a/x", cluster: "k" },
        { prefix: "site/a", cluster: "p" },
        { filter: "site/+/alert/#", cluster: "f" },
        { filter: "dev/#", hash: "rendezvous", over: ["h1", "h2"], level: 1 },
      ],
    };
    const found = ["site/a/x", "site/a/x/y", "site/ab", "site/b/alert", "site/a/alert/1", "q"];
    assert.deepEqual(
      found.map((topic) => owner(spec, topic)),
      ["k", "p", "d", "f", "p", "d"],
    );
    const devices = ["dev/1/temp", "dev/1/hum"].map((topic) => owner(spec, topic));
    assert.equal(devices[0], devices[1], "one device, one owner");
    const all = new Set(Array.from({ length: 20 }, (_, i) => owner(spec, `dev/${i}/t`)));
    assert.deepEqual([...all].sort(), ["h1", "h2"]);
    const explained = compileTable(spec, options).explain(encodeUtf8("site/b/alert/2"));
    assert.deepEqual(explained, { cluster: "f", rule: 2, because: 'filter "site/+/alert/#"' });
  });

  test("what cannot be mapped to a filter's clusters is refused with the reason", () => {
    const findings = (route: object): string[] =>
      checkTable({ defaultCluster: "a", routes: [route] }, options).map(
        ({ path, message }) => `${path.join(".")}: ${message}`,
      );
    assert.match(
      findings({ payload: "x", cluster: "a" })[0] ?? "",
      /^routes\.0\.payload: rules look at keys only/,
    );
    assert.match(
      findings({ range: ["a", "b"], cluster: "a" })[0] ?? "",
      /^routes\.0: ranges have no meaning/,
    );
    assert.match(
      findings({ filter: "a/#/b", cluster: "a" })[0] ?? "",
      /^routes\.0: not a topic filter/,
    );
    assert.match(
      findings({ filter: "a+", cluster: "a" })[0] ?? "",
      /^routes\.0: not a topic filter/,
    );
    const plain = checkTable({ defaultCluster: "a", routes: [{ filter: "a/#", cluster: "a" }] });
    assert.match(plain[0]?.message ?? "", /needs a protocol whose keys have levels/);
    assert.throws(
      () =>
        mqtt().start({ table: compileTable({ defaultCluster: "a" }, { hashTag: null }) } as never),
      ConfigError,
    );
  });

  test("if a filter matches a topic, the topic's owner is among the filter's clusters", () => {
    const level = fc.constantFrom("", "a", "b", "$s");
    const plain = fc.array(level, { minLength: 1, maxLength: 4 }).map((all) => all.join("/"));
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant("+")), { maxLength: 3 }), fc.boolean())
      .map(([all, hash]) => (hash || all.length === 0 ? [...all, "#"] : all).join("/"))
      .filter((text) => text !== "");
    const cluster = fc.constantFrom("x", "y", "z");
    const hash = { hash: "rendezvous", over: ["x", "y", "z"] };
    const route = fc.oneof(
      fc.record({ prefix: plain.filter((text) => text !== ""), cluster }),
      fc.record({ filter, cluster }),
      fc.tuple(filter, fc.nat(3)).map(([text, at]) => ({ filter: text, ...hash, level: at })),
    );
    let met = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(route, {
          maxLength: 6,
          selector: (each) => ("filter" in each ? each.filter : `${each.prefix}/#`),
        }),
        filter,
        fc.array(
          plain.filter((text) => text !== ""),
          { minLength: 1, maxLength: 30 },
        ),
        (routes, subscribed, topics) => {
          const spec = { defaultCluster: "x", localCluster: "y", routes };
          if (checkTable(spec, options).some(({ severity }) => severity === "error")) return;
          const { keyMap } = compileTable(spec, options);
          assert.ok(keyMap instanceof TopicMap, "the codec's own map");
          const clusters = keyMap.clusters(subscribed);
          for (const topic of topics) {
            if (!matches(subscribed, topic)) continue;
            met += 1;
            const bytes = encodeUtf8(topic);
            const at = keyMap.owner(bytes, 0, bytes.length);
            assert.ok(clusters.includes(at), `${topic} is ${at}'s, ${subscribed} has ${clusters}`);
          }
        },
      ),
      { numRuns: 500 },
    );
    assert.ok(met > 500, `only ${met} topics were matched`);
  });
});
