import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigError, createRouter, encodeUtf8 } from "@echarde/core";
import { influx } from "./influx.ts";

const table = {
  protocol: "influx",
  clusters: { a: { endpoints: ["a:1"] }, b: { endpoints: ["b:1"] } },
  defaultCluster: "a",
  routes: [{ prefix: "d/cpu/y", cluster: "b" }],
};

describe("influx", () => {
  it("explains where lines go, tags in any order", () => {
    const router = createRouter({
      codec: influx({ split: [{ measurement: "cpu", by: ["host"] }] }),
      table,
    });
    const body = "cpu,host=x v=1 1\ncpu,dc=1,host=y v=1 1\nmem v=1 1";
    const head = `POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
    const [explained] = router.explain(encodeUtf8(head + body));
    assert.equal(explained?.plan, "fragment");
    assert.deepEqual(
      explained?.keys.map(({ cluster }) => cluster),
      ["a", "b", "a"],
    );
  });

  it("refuses options that cannot be", () => {
    const started = (options: Readonly<Record<string, unknown>>) => () =>
      createRouter({ codec: influx(), table: { ...table, options } });
    assert.throws(started({ nonsense: 1 }), ConfigError);
    assert.throws(started({ split: [{ by: [] }] }), ConfigError);
    assert.throws(started({ split: [{ by: "host" }] }), ConfigError);
    assert.throws(started({ maxBody: 0 }), ConfigError);
    assert.throws(started({ policies: ["d"] }), ConfigError);
    assert.throws(started({ policies: { d: "" } }), ConfigError);
    assert.doesNotThrow(started({ split: [{ by: "series" }], queryTimeout: -1 }));
  });
});
