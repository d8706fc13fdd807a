/** Which of several processes has a session: given back, left behind, granted and never begun. No processes here. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { KeptSession, SessionRecord } from "@echarde/core";
import { FleetSessions, type SessionWorker } from "./fleet-sessions.ts";
import type { SessionAnswer } from "./host-sessions.ts";
import { WorkerSessions } from "./worker-sessions.ts";

const nobody = (): void => {};

/** A worker, and the way between it and the first process. */
class Worker implements SessionWorker {
  readonly sessions: WorkerSessions;
  /** It was killed before it heard that another one has its session. */
  deaf = false;
  readonly #fleet: FleetSessions;

  constructor(fleet: FleetSessions) {
    this.#fleet = fleet;
    const file = fleet.newFile();
    const first = {
      claim: ({ session, anew }: { readonly session: string; readonly anew: boolean }) =>
        fleet.claim(this, session, anew),
      tell: (message: Parameters<ConstructorParameters<typeof WorkerSessions>[0]["tell"]>[0]) => {
        if (message.what === "begun") fleet.begun(this, message.session, message.epoch);
        else if (message.what === "forgotten") fleet.forgotten(this, message.session);
      },
      failing: nobody,
    };
    this.sessions = new WorkerSessions(first, file, () => 1_000);
    fleet.started(this, file);
  }

  async give(session: string): ReturnType<SessionWorker["give"]> {
    return this.sessions.give(session);
  }

  over(session: string): void {
    if (!this.deaf) this.sessions.over(session);
  }

  /** A client of this worker connects, and puts these items. Its answer. */
  async connects(...items: readonly string[]): Promise<string> {
    const answer = await this.sessions.answer({ session: "s", anew: false });
    this.sessions.keep([
      { type: "begin", session: "s", anew: false, idle: 100 },
      ...items.map(
        (item): SessionRecord => ({
          ...{ type: "put", session: "s", item, value: Buffer.from(item) },
        }),
      ),
    ]);
    return wordsOf(answer);
  }

  /** A client asks and is gone before it stands. */
  async asks(): Promise<string> {
    return wordsOf(await this.sessions.answer({ session: "s", anew: false }));
  }

  /** The process is killed. */
  ends(): void {
    this.sessions.close();
    this.#fleet.ended(this);
  }
}

function wordsOf(answer: SessionAnswer): string {
  if (answer === undefined) return "not now";
  if (answer === null) return "nothing";
  const { current, items }: KeptSession = answer;
  return `${current ? "here" : "kept"}: ${[...items.keys()].join(" ")}`;
}

describe("sessions of several processes", () => {
  const folder = mkdtempSync(join(tmpdir(), "echarde-fleet-"));
  const ends: (() => void)[] = [];
  after(() => {
    for (const end of ends) end();
    rmSync(folder, { recursive: true });
  });
  let folders = 0;

  async function start(): Promise<[Worker, Worker, FleetSessions]> {
    const path = join(folder, String(++folders));
    const fleet = new FleetSessions({ path, failing: nobody, now: () => 1_000 });
    await fleet.open();
    return [new Worker(fleet), new Worker(fleet), fleet];
  }

  test("go along with their client, and are heeded where it is", async () => {
    const [a, b, fleet] = await start();
    assert.equal(await a.connects("x"), "nothing");
    assert.equal(await b.connects("y"), "kept: x");
    a.sessions.keep([{ type: "remove", session: "s", item: "x" }]);
    assert.equal(await b.connects(), "here: x y");
    assert.equal(await a.connects(), "kept: x y");
    fleet.close();
  });

  test("are found in the file of a worker that was killed", async () => {
    const [a, b, fleet] = await start();
    await a.connects("x");
    a.ends();
    assert.equal(await b.connects(), "kept: x");
    fleet.close();
  });

  test("that were granted and never begun are asked for again", async () => {
    const [a, b, fleet] = await start();
    await b.connects("x");
    b.ends();
    const c = new Worker(fleet);
    assert.equal(await a.asks(), "kept: x");
    assert.equal(await c.connects("y"), "kept: x");
    assert.equal(await a.connects(), "kept: x y");
    fleet.close();
  });

  test("belong to the later right, whoever begins first", async () => {
    const [a, b, fleet] = await start();
    await b.connects("x");
    b.ends();
    await a.asks();
    const c = new Worker(fleet);
    await c.connects("y");
    a.sessions.keep([{ type: "begin", session: "s", anew: true, idle: 100 }]);
    assert.equal(await c.connects(), "here: x y");
    assert.equal(await a.connects(), "kept: x y");
    fleet.close();
  });

  for (const deaf of [false, true]) {
    test(`are there again after all processes, the last one's word of each (deaf: ${deaf})`, async () => {
      const [a, b, fleet] = await start();
      a.deaf = deaf;
      await a.connects("x");
      await b.connects("y");
      fleet.close();
      assert.equal(await (await restarted()).connects(), "kept: x y");
    });
  }

  test("that are over do not come again", async () => {
    const [a, b, fleet] = await start();
    await a.connects("x");
    await b.connects();
    b.sessions.keep([{ type: "rest", session: "s", until: 0 }]);
    fleet.close();
    assert.equal(await (await restarted()).connects(), "nothing");
  });

  /** A worker of the next life of the last fleet. */
  async function restarted(): Promise<Worker> {
    const path = join(folder, String(folders));
    const again = new FleetSessions({ path, failing: nobody, now: () => 1_000 });
    await again.open();
    ends.push(() => again.close());
    return new Worker(again);
  }
});
