import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { serve } from "./serve.ts";

const program = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "google-chrome"].map((name) => join(folder, name)))
  .find((path) => existsSync(path));

describe("the page in a headless browser", { skip: program ? false : "no Chromium" }, () => {
  let browser: Browser;
  let page: Page;
  let close: () => void;
  const errors: string[] = [];

  before(async () => {
    const { server, address } = await serve(0);
    close = () => {
      server.closeAllConnections();
      server.close();
    };
    browser = await chromium.launch({ executablePath: program ?? "", args: ["--no-sandbox"] });
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(address);
  });

  after(async () => {
    await browser?.close();
    close?.();
    assert.deepEqual(errors, []);
  });

  async function send(line: string) {
    const shown = await page.locator("article").count();
    await page.getByLabel("Command").fill(line);
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator("article").nth(shown).waitFor();
    const newest = page.locator("article").first();
    return {
      plan: await newest.locator(".plan").allTextContents(),
      clusters: await newest.locator("th").allTextContents(),
      packets: await newest.locator(".packets").allTextContents(),
      answer: await newest.locator(".answer").textContent(),
      keys: await newest.locator("li").allTextContents(),
    };
  }

  it("splits, merges, forwards and answers", async () => {
    const mset = await send("MSET a 1 b 2 c 3");
    assert.deepEqual(mset.plan, ["MSET: fragment"]);
    assert.deepEqual(mset.clusters.sort(), ["redis1", "redis2", "redis3"]);
    assert.equal(mset.answer, "+OK\\r\\n");

    const mget = await send("MGET c a b a");
    assert.equal(
      mget.answer,
      ["*4", "$1", "3", "$1", "1", "$1", "2", "$1", "1"].map((line) => `${line}\\r\\n`).join("\n"),
    );

    const set = await send("SET alert:7 fire");
    assert.deepEqual(set.plan, ["SET: forward"]);
    assert.deepEqual(set.clusters, ["redis2"]);
    assert.match(set.keys[0] ?? "", /^alert:7 → redis2 /);
    assert.match(set.packets[0] ?? "", /alert:7/);

    assert.match((await send("NOSUCH x")).answer ?? "", /^-ERR unknown command 'NOSUCH'/);
  });

  it("has a try-out button for each of its lines", async () => {
    const shown = await page.locator("article").count();
    await page.getByRole("button", { name: "DBSIZE" }).click();
    await page.locator("article").nth(shown).waitFor();
    assert.equal(await page.locator(".answer").first().textContent(), ":4\\r\\n");
  });
});
