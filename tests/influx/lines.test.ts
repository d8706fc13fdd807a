/**
 * What the lexer takes and refuses, against influxd: batches of odd lines, the
 * answer text for text, and the points that are stored.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type InfluxdServer, skipWithout, startInfluxd } from "@echarde/testkit/servers";
import { Choices } from "./differential/random.ts";
import { programs, query, type Shards, startShards, writeRaw } from "./shards.ts";

const pieces = [
  ..."\\,=\" \n\t#\r\0.-+eEit0159nNuTf/'",
  ...["cpu", "m", "t=1", "v=1", "v=1i", 'v="x"', " ", " ", ",", "\n", "\\\\", '\\"', "true", "F"],
  ...["v=1 1", "a=1,b=2i", "é", "\ufeff", "12345", "9223372036854775807", "-9223372036854775808"],
];

/** Lines made by changing good ones, so that most of each is read. */
function oddBatch(choices: Choices): string {
  const good = [
    "cpu,host=a v=1 10",
    'cpu,a=b,c=d s="x y",v=2i 20',
    "m\\ n,t\\,u=v\\=w f\\ g=1.5e3 30",
    'cpu s="a\nb" 40',
    "# comment",
    "cpu v=t,w=F,x=True 50",
    "cpu,b=1,a=2 v=-.5 -60",
    "cpu v=1",
  ];
  let text = Array.from({ length: choices.below(3) + 1 }, () => choices.of(good)).join("\n");
  for (let n = choices.below(4); n > 0; n--) {
    const at = choices.below(text.length + 1);
    const drop = choices.percent(40) ? choices.below(3) : 0;
    text =
      text.slice(0, at) + (choices.percent(80) ? choices.of(pieces) : "") + text.slice(at + drop);
  }
  return text;
}

/** Cases of the notes, where two scanners of the server disagree or a value is at its edge. */
const known = [
  "z\\\\ v=1 1",
  "z2\\\\,t=1 v=1 2",
  'cpu v="a"b 3',
  "cpu v=1 60\r\ncpu v=2 61",
  "cpu v=100i\r\n",
  '# it is a="\ncpu v=1 4\n"',
  '# a " quote\ncpu v=1 5',
  'cpu v="open\ncpu v=2 6\ncpu w="x" 7',
  "cpu v=1. 1\ncpu v=.5 2\ncpu v=-.5 3\ncpu v=1e+3 4\ncpu v=-0i 5\ncpu v=007i 6",
  "cpu v=1i2 1\ncpu v=1.0i 1\ncpu v=- 1\ncpu v=NaN 1\ncpu v=1e400 1\ncpu v=+1 1",
  "cpu v=9223372036854775807i 1\ncpu v=9223372036854775808i 1\ncpu v=-9223372036854775808i 2",
  "cpu v=1 9223372036854775806\ncpu v=1 9223372036854775807\ncpu v=1 -9223372036854775806",
  "cpu v=1 -\ncpu v=1 1 2\ncpu v=1 1x\ncpu v=1 99999999999999999999",
  "cpu,t=1,t=2 v=1\ncpu,b=1,a=2,b=3 v=1",
  "cpu,t== v=1\ncpu,t=a=b v=1\ncpu,=a v=1\ncpu,t= v=1\ncpu,t v=1\n,t=1 v=1",
  "cpu =1\ncpu v=\ncpu v=1,\ncpu v=1,w\ncpu v\ncpu",
  "\t \0cpu v=1 8\n\n   \n#x\n",
  `${"k".repeat(65_536)} v=1 1\ncpu ${"f".repeat(65_533)}=1 1`,
  "u,b=1,a=2 v=1 9\nu,a=2,b=1 v=2 9",
];

for (const program of programs) {
  describe(`line protocol against ${program}`, { skip: skipWithout(program) }, () => {
    let oracle: InfluxdServer;
    let shards: Shards;
    before(async () => {
      oracle = await startInfluxd({ program });
      shards = await startShards({ program });
    });
    after(async () => {
      await shards?.close();
      await oracle?.stop();
    });

    /** The batch alone may be forwarded as it is; lines of two more measurements make sure that it is split. */
    const around = (batch: string): string =>
      `q1 v=1 1\nq2 v=1 1\nq3 v=1 1\nq4 v=1 1\nq5 v=1 1\n${batch}`;

    async function same(name: string, batch: string): Promise<void> {
      const database = `l${name}`;
      for (const port of [oracle.port, shards.port])
        await query(port, `CREATE DATABASE ${database}`);
      const text = around(batch);
      const [wanted = "", got = ""] = await Promise.all(
        [oracle.port, shards.port].map((port) => writeRaw(port, text, database)),
      );
      const shown = [JSON.stringify(text), `expected ${wanted}`, `actual ${got}`]
        .map((line) => line.slice(0, 2000))
        .join("\n");
      // Which of several errors of the storage is told first is not fixed.
      if (wanted.includes("field type conflict")) assert.ok(got.startsWith("400"), shown);
      else assert.ok(got === wanted, shown);
      const timed = { db: database, epoch: "ns" };
      const [stored, ours] = await Promise.all(
        [oracle.port, shards.port].map((port) =>
          query(port, "SHOW SERIES; SHOW FIELD KEYS", timed),
        ),
      );
      assert.ok(
        ours?.body === stored?.body,
        `${shown}\nstored ${stored?.body}\nours ${ours?.body}`,
      );
      for (const port of [oracle.port, shards.port]) await query(port, `DROP DATABASE ${database}`);
    }

    it("known cases", async () => {
      for (const [i, batch] of known.entries()) await same(`k${i}`, batch);
    });

    it("random batches", async () => {
      const choices = new Choices(5);
      for (let i = 0; i < 60; i++) await same(`r${i}`, oddBatch(choices));
    });
  });
}
