/** What a client has no right to never gets past the guards, in any request; and is refused, not left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileTable, type Rights, type SessionContext } from "@echarde/core";
import { rangeOf, readSpecs } from "../scripts/specs.ts";
import { Access } from "../src/access/access.ts";
import { guarded } from "../src/access/guard.ts";
import { guards } from "../src/access/guards.ts";
import { Call } from "../src/call.ts";
import { apis } from "../src/generated/apis.ts";
import { entities } from "../src/generated/entities.ts";
import { Layout } from "../src/layout.ts";
import type { KafkaRuntime } from "../src/runtime.ts";
import type { AnyApi } from "../src/wire/api.ts";
import { readRequest, readResponse, writeRequest } from "../src/wire/frame.ts";
import { Reader } from "../src/wire/reader.ts";
import { randomBody, randomOf } from "./spec-bytes.ts";

const table = compileTable(
  {
    clusters: { a: { endpoints: ["a:9092"] }, b: { endpoints: ["b:9092"] } },
    defaultCluster: "a",
    routes: [{ prefix: "no-", cluster: "b" }],
    options: {
      advertised: "127.0.0.1:9192",
      groups: [{ prefix: "no-", cluster: "b" }],
      transactionalIds: [{ prefix: "no-", cluster: "b" }],
    },
  },
  { hashTag: null },
);
const layout = new Layout(table, {});
const prefixes = [new TextEncoder().encode("ok-")];
const kinds: Readonly<Record<string, string>> = {
  topicName: "topic",
  groupId: "group",
  transactionalId: "transaction",
};

/** Names in a request that have an owner, but for those of fetch sessions, which nobody looks at. */
function namesIn(api: AnyApi): readonly (readonly string[])[] {
  const mine = entities.filter(
    ([path, kind]) =>
      path.startsWith(`${api.name}Request.`) &&
      kinds[kind] !== undefined &&
      !/forgotten/.test(path),
  );
  return mine.map(([path]) => path.split(".").slice(1));
}

/** Visits what stands at a path; what `change` returns is put there. */
function visit(at: unknown, path: readonly string[], change: (name: string) => string): unknown {
  if (at === null || at === undefined) return at;
  if (Array.isArray(at)) return at.map((each) => visit(each, path, change));
  const [head, ...rest] = path;
  if (head === undefined) return typeof at === "string" ? change(at) : at;
  const fields = at as Record<string, unknown>;
  fields[head] = visit(fields[head], rest, change);
  return at;
}

function callOf(api: AnyApi, version: number, request: object): Call<object, object> {
  const runtime = { layout } as unknown as KafkaRuntime;
  const session = {} as unknown as SessionContext;
  const common = { runtime, session, api, version, correlationId: 1, clientId: "test" };
  return new Call({ ...common, request, frame: new Uint8Array(0) });
}

const allRights: Rights = { prefixes: null, clusters: null, classes: null };
const some: readonly (readonly [string, Rights])[] = [
  ["prefixes", { ...allRights, prefixes }],
  ["clusters", { ...allRights, clusters: new Set(["a"]) }],
];

for (const [what, rights] of some) {
  test(`names outside of ${what} do not get past`, () => {
    let kept = 0;
    let refused = 0;
    for (const api of apis) {
      const spec = readSpecs().messages.find(
        ({ apiKey, type }) => apiKey === api.key && type === "request",
      );
      assert.ok(spec !== undefined, api.name);
      const paths = namesIn(api);
      if (paths.length === 0) continue; // of coordinators and resources the specifications say no kind
      for (let version = api.min; version <= api.max; version++) {
        if (version > rangeOf(spec.validVersions).to) continue;
        for (let seed = 0; seed < 12; seed++) {
          const random = randomOf(seed * 7919 + version);
          const made = api.readRequest(new Reader(randomBody(spec, version, random)), version);
          let count = 0;
          const name = (): string => {
            count += 1;
            return random() < 0.5 ? `ok-${count}` : `no-${count}`;
          };
          for (const path of paths) visit(made, path, name);
          // Only what the version has.
          const written = Buffer.concat(writeRequest(api, version, "test", made));
          const request = readRequest(api, version, written).body;
          const denied: string[] = [];
          for (const path of paths)
            visit(request, path, (one) => {
              if (one.startsWith("no-")) denied.push(one);
              return one;
            });
          const left = guarded(
            callOf(api, version, request),
            guards.get(api.key),
            new Access(rights, layout),
          );
          const where = `${api.name} ${version} ${JSON.stringify(denied)}`;
          if (left instanceof Call) {
            kept += 1;
            const through: string[] = [];
            for (const path of paths)
              visit(left.request, path, (one) => {
                through.push(one);
                return one;
              });
            assert.deepEqual(
              through.filter((one) => one.startsWith("no-")),
              [],
              where,
            );
            // Requests that are passed on as they are must say the same.
            if (left.frame.length > 0) readRequest(api, version, left.frame);
          } else {
            refused += 1;
            assert.ok(denied.length > 0, `${where}: refused without a reason`);
            assert.ok(left.type === "local" || left.type === "refuse", where);
            if (left.type === "local") {
              const answer = readResponse(api, version, Buffer.concat(left.bytes));
              const text = JSON.stringify(answer, plain);
              // A list that is empty has no place for an error.
              if (/(partition|topic|response|result|group)\w*":\[\]/i.test(text)) continue;
              assert.match(text, /rrorCode":(29|30|31|53|55)\b/, where);
            }
          }
        }
      }
    }
    assert.ok(kept > 500 && refused > 500, `${kept} kept, ${refused} refused`);
  });
}

test("every API that names something with an owner has a guard", () => {
  for (const api of apis) {
    if (namesIn(api).length > 0) assert.ok(guards.has(api.key), api.name);
  }
});

test("a client without a class makes no requests of it", () => {
  const access = new Access({ ...allRights, classes: new Set(["write"]) }, layout);
  assert.ok(access.may("topic", "x", "write"), "write");
  assert.ok(access.may("topic", "x", null), "describe");
  assert.equal(access.may("topic", "x", "read"), false);
  assert.equal(access.may("topic", "x", "admin"), false);
});

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
