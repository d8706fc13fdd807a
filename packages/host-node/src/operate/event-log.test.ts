import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventLog } from "./event-log.ts";

function logged(): { events: EventLog; lines: string[]; pass: (milliseconds: number) => void } {
  const lines: string[] = [];
  let now = 0;
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
    };
  const log = {
    ...{ debug: write("debug"), info: write("info") },
    ...{ warn: write("warn"), error: write("error") },
  };
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { events: new EventLog(log, () => now), lines, pass };
}

describe("the event log", () => {
  test("has a line for each event", () => {
    const { events, lines } = logged();
    events.notice({ type: "upstream-up", upstream: "a", endpoint: "h:1" }, null);
    events.notice(
      { type: "upstream-down", upstream: "a", endpoint: "h:1", backoff: 48.6, attempts: 2 },
      "ECONNREFUSED",
    );
    events.notice(
      { type: "link-lost", upstream: "a", link: "a", reason: "lost", inFlight: 3 },
      "ECONNRESET",
    );
    events.notice(
      {
        ...{ type: "slow-request", upstream: "a", request: "GET" },
        ...{ milliseconds: 250.4, outcome: "reply" },
      },
      null,
    );
    events.notice({ type: "client-closed", request: "Fetch", reason: "why" }, null);
    events.refused("maxClients", 7);
    assert.deepEqual(lines, [
      'info upstream up {"event":"upstream-up","upstream":"a","endpoint":"h:1"}',
      'warn upstream down {"event":"upstream-down","upstream":"a","endpoint":"h:1","cause":"ECONNREFUSED","backoff":49,"attempts":2}',
      'warn connection to upstream lost {"event":"link-lost","upstream":"a","link":"a","reason":"lost","cause":"ECONNRESET","inFlight":3}',
      'warn slow request {"event":"slow-request","upstream":"a","request":"GET","milliseconds":250,"outcome":"reply"}',
      'warn client closed {"event":"client-closed","request":"Fetch","reason":"why"}',
      'warn client refused {"event":"client-refused","reason":"maxClients","clients":7}',
    ]);
  });

  test("has one line of a kind in a second, with the number of those that were skipped", () => {
    const { events, lines, pass } = logged();
    const slow = (upstream: string): void =>
      events.notice(
        {
          ...{ type: "slow-request", upstream, request: "GET" },
          ...{ milliseconds: 200, outcome: "reply" },
        },
        null,
      );
    for (let i = 0; i < 1_000; i++) slow("a");
    slow("b");
    assert.equal(lines.length, 2);
    pass(999);
    slow("a");
    assert.equal(lines.length, 2);
    pass(1);
    slow("a");
    assert.equal(lines.length, 3);
    assert.match(lines[2] ?? "", /"skipped":1000\}$/);
  });

  test("remembers a bounded number of kinds", () => {
    const { events, lines } = logged();
    for (let i = 0; i < 1_500; i++) events.refused(`reason ${i}`, 1);
    events.refused("reason 1499", 1);
    events.refused("reason 0", 1);
    assert.equal(lines.length, 1_501);
  });
});
