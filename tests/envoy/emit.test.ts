/** What `echarde emit` writes, judged by those who read it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  composeFile,
  type EmitOptions,
  type EnvoyRoute,
  envoyBootstrap,
  envoyEcds,
  istioResources,
  redisProxy,
} from "@echarde/host-proxy-wasm";
import { available } from "@echarde/testkit/servers";
import { EnvoyFilter } from "@kubernetes-models/istio/networking.istio.io/v1alpha3/EnvoyFilter";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { testModule } from "../../packages/host-proxy-wasm/scripts/build/build-module.ts";
import { skip } from "./mesh.ts";

const table = {
  protocol: "redis",
  localCluster: "one",
  defaultCluster: "two",
  clusters: {
    one: { endpoints: ["127.0.0.1:7001", "127.0.0.1:7011"] },
    two: { endpoints: ["redis.example:7002"] },
  },
  routes: [{ prefix: "a:", cluster: "one" }],
};

const given = (route: EnvoyRoute, module: string): EmitOptions => ({
  ...{ table, route, module, listen: "127.0.0.1:6379", admin: "127.0.0.1:9901" },
});

describe("Envoy takes what is emitted", { skip, timeout: 180_000 }, () => {
  const validate = (bootstrap: unknown, folder: string): void => {
    const file = join(folder, "envoy.json");
    writeFileSync(file, JSON.stringify(bootstrap));
    const args = ["--mode", "validate", "-c", file, "--log-level", "error"];
    execFileSync(available("envoy") ?? "envoy", args, { stdio: "pipe", timeout: 60_000 });
  };

  test("bootstraps of all routes, with and without ECDS, and redis_proxy", async () => {
    const folder = mkdtempSync(join(tmpdir(), "echarde-emit-"));
    try {
      const module = join(folder, "echarde.wasm");
      writeFileSync(module, await testModule());
      for (const route of ["frame", "grpc", "sticky"] as const) {
        const options = given(route, module);
        validate(envoyBootstrap(options), folder);
        const ecdsFile = join(folder, "ecds.json");
        writeFileSync(ecdsFile, JSON.stringify(envoyEcds(options, "1")));
        validate(envoyBootstrap({ ...options, ecdsFile }), folder);
      }
      validate(envoyBootstrap(given("router", module)), folder);
      validate(redisProxy(given("frame", module)).bootstrap, folder);
      const broken = {
        ...envoyBootstrap(given("frame", module)),
        static_resources: { nothing: 1 },
      };
      assert.throws(() => validate(broken, folder), "a wrong bootstrap is seen");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("Istio and Kubernetes resources are as their schemas say", () => {
  for (const route of ["frame", "grpc", "router", "sticky"] as const) {
    const resources = istioResources({ ...given(route, "/etc/echarde/m.wasm"), port: 6379 });
    const [map, filter, deployment] = resources as never[];
    new ConfigMap(map).validate();
    new EnvoyFilter(filter).validate();
    assert.equal(resources.length, route === "sticky" ? 2 : 3);
    if (deployment !== undefined) new Deployment(deployment).validate();
  }
});

test("a Compose file has the bridge beside Envoy, but not where nobody asks it", () => {
  const options = { ...given("grpc", "/etc/echarde/m.wasm"), file: "echarde.yaml" };
  const services = composeFile(options)["services"] as Record<string, { command: string[] }>;
  assert.deepEqual(Object.keys(services), ["envoy", "echarde-bridge"]);
  assert.ok(services["echarde-bridge"]?.command.includes("--grpc"), "it takes gRPC");
  const sticky = composeFile({ ...options, route: "sticky" })["services"];
  assert.deepEqual(Object.keys(sticky as object), ["envoy"]);
  const beside = composeFile({ ...options, route: "router" })["services"] as typeof services;
  assert.deepEqual(Object.keys(beside), ["envoy", "echarde-router"]);
  const run = ["run", "/etc/echarde/echarde.yaml", "--listen", "127.0.0.1:9910"];
  assert.deepEqual(beside["echarde-router"]?.command, run);
  assert.ok(!JSON.stringify(beside).includes("m.wasm"), "no module");
});

test("redis_proxy is written for prefix tables only", () => {
  const hashed = { ...table, routes: [{ hash: "jump", over: ["one", "two"] }] } as const;
  const { bootstrap, why } = redisProxy({ ...given("frame", "m"), table: hashed });
  assert.equal(bootstrap, null);
  assert.match(why ?? "", /rule 0 is no prefix rule/);
});
