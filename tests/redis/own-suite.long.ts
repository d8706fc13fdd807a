/**
 * Redis's own tests (the `tests` folder of its source), against the router over three servers. They are
 * written in Tcl and are not part of this repository: `ECHARDE_REDIS_SOURCE` names the folder of an
 * unpacked source of Redis 7.0, as `apt-get source redis` gets it; `tclsh` runs them.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { available, skipWithout } from "@echarde/testkit/servers";
import { type Shards, startShards } from "./shards.ts";

const source = process.env["ECHARDE_REDIS_SOURCE"];
const tcl = available("tclsh");

const units = [
  ...["type/string", "type/incr", "type/hash", "type/list", "type/list-3", "type/set", "type/zset"],
  ...[
    "type/stream",
    "type/stream-cgroups",
    "expire",
    "scan",
    "keyspace",
    "sort",
    "bitops",
    "bitfield",
  ],
  ...[
    "geo",
    "hyperloglog",
    "dump",
    "scripting",
    "functions",
    "multi",
    "pubsub",
    "protocol",
    "quit",
  ],
  ...["other", "info-command", "introspection-2", "lazyfree"],
];

/** Tests whose outcome must differ, by what their names contain. */
const differ: Record<string, readonly string[]> = {
  "wants that a script on one server keeps all keys busy; leaves the script running when it fails":
    [
      ...["script timeout", "Timedout", "unkillable", "BUSY"],
      ...["SCRIPT KILL", "FUNCTION KILL", "script kill", "function kill", "kill not working"],
    ],
  "a script uses keys that it was not given": [
    ...["read key with expiration", "fcall_ro with read only commands"],
  ],
  "EVAL without keys runs on one server, SCRIPT EXISTS asks all": ["SCRIPT EXISTS"],
  "a transaction watches keys of several servers": ["watching several keys by one client"],
  "CLIENT UNBLOCK is refused": ["UNBLOCK", "unblock"],
  "CONFIG SET inside MULTI is refused": ["MULTI with config"],
  "PFDEBUG and PFSELFTEST are refused": [
    ...["HyperLogLog self test", "PFDEBUG", "promote from sparse", "sparse encoding stress"],
    "cache invalidation",
  ],
  "INFO has no offset of the replication, of which each server has its own": [
    "multiple sub-sections",
  ],
  "another client overtakes a blocking command that still waits for a connection of its own": [
    ...["flushed DB", "key type changed", "key deleted"],
  ],
  "a loaded machine is too slow for its milliseconds": ["precision is now"],
};

describe("Redis's own suite", { skip: skipReason(), timeout: 3_600_000 }, () => {
  let shards: Shards;
  let passed = 0;
  before(async () => {
    shards = await startShards({ codec: { admin: true } });
  });
  after(async () => {
    await shards.close();
    console.log(`${passed} tests of Redis's own suite passed`);
  });

  for (const unit of units) {
    test(unit, async () => {
      const names = Object.values(differ).flat();
      const args = [
        ...["tests/test_helper.tcl", "--host", "127.0.0.1", "--port", String(shards.port)],
        ...["--single", `unit/${unit}`, "--cluster-mode", "--ignore-encoding", "--ignore-digest"],
        ...["--tags", "-needs:debug -needs:repl -needs:reset -needs:save -slow"],
        ...["--skiptest", `/.*(${names.join("|")}).*`],
      ];
      const run = promisify(execFile)(tcl ?? "tclsh", args, { cwd: source, timeout: 600_000 });
      const { stdout } = await run.catch((error: { stdout?: string }) => {
        const lines = (error.stdout ?? "")
          .split("\n")
          .filter((line) => /(err|exception)\S*\]:|Expected/.test(line));
        return assert.fail(`${unit}: ${lines.join("\n") || String(error)}`);
      });
      const many = stdout.match(/\[ok\]|\[\S*ok\S*\]:/g)?.length ?? 0;
      assert.ok(many > 0, `${unit}: no test ran`);
      passed += many;
    });
  }
});

function skipReason(): string | false {
  const missing = skipWithout("redis-server");
  if (missing !== false) return missing;
  if (source === undefined) return "ECHARDE_REDIS_SOURCE names no folder";
  return tcl === null ? "there is no tclsh" : false;
}
