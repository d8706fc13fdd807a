/** Retention policies in the keys: a name and the default mean the same data, on whichever clusters they are. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { programs, query, type Shards, send, startShards, write } from "./shards.ts";

/** Measurements whose names land on every server. */
const names = Array.from({ length: 8 }, (_, i) => `m${i}`);

for (const program of programs) {
  describe(`retention policies of ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    before(async () => {
      oracle = await startInfluxd({ program });
      const policies = { d: "autogen", other: "long" };
      const split = [{ measurement: "cpu", by: ["host"] }];
      shards = await startShards({ program, codec: { split, policies } });
      for (const port of [oracle.port, shards.port]) {
        for (const q of [
          "CREATE DATABASE d; CREATE RETENTION POLICY week ON d DURATION INF REPLICATION 1",
          "CREATE DATABASE other WITH NAME long; CREATE DATABASE plain",
        ]) {
          assert.doesNotMatch((await query(port, q)).body, /error/);
        }
        for (const rp of ["", "autogen", "week"]) {
          const value = ["", "autogen", "week"].indexOf(rp) + 1;
          const lines = [
            ...names.map((name) => `${name},host=a v=${value} ${value}`),
            ...names.map((host) => `cpu,host=${host} v=${value} ${value}`),
          ].join("\n");
          assert.equal((await write(port, lines, { rp })).status, 204);
          if (program === "influxd") continue; // 1.6 has no such path
          const path = `/api/v2/write?org=o&bucket=d${rp === "" ? "" : `/${rp}`}`;
          const body = lines.replaceAll(/ \d+$/gm, " 9");
          assert.equal((await send(port, path, { method: "POST", body })).status, 204);
        }
        assert.equal((await write(port, "m1 v=1 1", { db: "other" })).status, 204);
      }
    });
    after(async () => {
      await shards?.close();
      await oracle?.stop();
    });

    async function same(q: string, params: Readonly<Record<string, string>> = {}): Promise<void> {
      const [wanted, got] = await Promise.all(
        [oracle.port, shards.port].map((port) => query(port, q, params)),
      );
      assert.equal(got?.body, wanted?.body, q);
      assert.match(got?.body ?? "", /"series"/, q);
    }

    it("are the same data by name and by default", async () => {
      for (const name of names) {
        await same(`SELECT * FROM ${name}`);
        await same(`SELECT * FROM autogen.${name}`);
        await same(`SELECT * FROM week.${name}; SELECT count(v) FROM d..${name}`);
        await same(`SELECT v FROM ${name}`, { rp: "week" });
        await same(`SELECT v FROM d.autogen.${name}`, { rp: "week" });
      }
      await same("SELECT * FROM m1; SELECT * FROM long.m1", { db: "other" });
    });

    it("meet where a statement has one of them", async () => {
      for (const policy of ["", "autogen.", "week."]) {
        await same(`SELECT v FROM ${policy}m1, ${policy}m2, ${policy}m3`);
        await same(`SELECT sum(v) FROM ${policy}/^m/ GROUP BY host`);
        await same(`SELECT sum(v), count(v) FROM ${policy}cpu`);
        await same(`SELECT v FROM ${policy}cpu WHERE host = 'm1'`);
      }
      await same("SELECT max(m) FROM (SELECT sum(v) AS m FROM week.cpu GROUP BY host)");
    });

    it("stand on different clusters", () => {
      const clusters = (rp: string): string => {
        const body = names.map((name) => `${name} v=1 1`).join("\n");
        const head = `POST /write?db=d&rp=${rp} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}`;
        const [explained] = shards.router.explain(Buffer.from(`${head}\r\n\r\n${body}`));
        return JSON.stringify(explained?.keys.map(({ cluster }) => cluster));
      };
      assert.equal(clusters(""), clusters("autogen"));
      assert.notEqual(clusters("week"), clusters("autogen"));
    });

    async function refused(q: string, reason: RegExp): Promise<void> {
      const { status, body } = await query(shards.port, q);
      assert.equal(status, 200);
      assert.match(body, reason, q);
    }

    it("are refused together, where that is not one cluster's", async () => {
      const all = names.flatMap((name) => [`week.${name}`, name]).join(", ");
      await refused(`SELECT v FROM ${all}`, /"error":"sources in several retention policies/);
    });

    it("are not given another default behind the router's back", async () => {
      const reason = /"error":"this would change a default retention policy/;
      await refused("ALTER RETENTION POLICY week ON d DEFAULT", reason);
      await refused('alter retention policy "week" on "d" duration inf default', reason);
      await refused("CREATE RETENTION POLICY x ON d DURATION INF REPLICATION 1 DEFAULT", reason);
      await refused("CREATE DATABASE other", reason);
      await refused("CREATE DATABASE d WITH DURATION 3d NAME week", reason);
      await refused("SHOW SERIES EXACT CARDINALITY", /in one retention policy each/);
      for (const q of [
        "ALTER RETENTION POLICY autogen ON d DEFAULT",
        "ALTER RETENTION POLICY week ON d DURATION 52w",
        "CREATE DATABASE d; CREATE DATABASE d WITH NAME autogen",
        "CREATE RETENTION POLICY x ON plain DURATION INF REPLICATION 1 DEFAULT",
      ]) {
        const { body } = await query(shards.port, q);
        assert.doesNotMatch(body, /would change/, q);
      }
    });
  });
}
