import assert from "node:assert/strict";
import { it } from "node:test";
import { type Comparison, Difference, differential, type Side } from "./differential.ts";

/** Lists by name. `lose` drops an item that was added after an item of that name. */
class Lists implements Side<string, string> {
  #lists = new Map<string, string[]>();
  readonly #lose: string;

  constructor(lose = "") {
    this.#lose = lose;
  }

  async reset(): Promise<void> {
    this.#lists.clear();
  }

  async run(commands: readonly string[]): Promise<readonly string[]> {
    return commands.map((command) => {
      const [name = "", key = "", value = ""] = command.split(" ");
      const list = this.#lists.get(key) ?? [];
      this.#lists.set(key, list);
      if (name === "random") return String(this.#lose === "" ? 4 : 7);
      if (name === "get") return list.join(",");
      if (this.#lose === "" || !list.includes(this.#lose)) list.push(value);
      if (this.#lose !== "") list.reverse();
      return "ok";
    });
  }
}

const options = {
  same: (a: string, b: string): boolean => a === b,
  showCommand: (command: string): string => command,
  showReply: (reply: string): string => reply,
};

function comparison(command: string): Comparison<string> {
  if (command.startsWith("get")) return { mode: "multiset", items: (reply) => reply.split(",") };
  if (command.startsWith("random"))
    return { mode: "property", holds: (reply) => Number(reply) < 10 };
  return { mode: "exact" };
}

const commands = Array.from({ length: 60 }, (_, i) => [
  `add k${i % 3} ${i}`,
  `get k${(i + 1) % 3} x`,
  "random",
]).flat();

it("passes two sides that agree, up to order and chance where the mode says so", async () => {
  await differential(
    { ...options, expected: new Lists(), actual: new Lists("none"), comparison },
    commands,
  );
});

it("sees order where the mode is exact", async () => {
  const sides = { expected: new Lists(), actual: new Lists("none") };
  await assert.rejects(differential({ ...options, ...sides }, commands), Difference);
});

it("shrinks a difference to the commands that make it", async () => {
  const sides = { expected: new Lists(), actual: new Lists("30") };
  await assert.rejects(
    differential({ ...options, ...sides, comparison }, commands),
    (error: Difference<string>) => {
      assert.equal(error.commands.length, 3);
      assert.deepEqual(error.commands[0], "add k0 30");
      assert.match(
        error.message,
        /expected 30,33\nactual {3}30\nafter\n {2}add k0 30\n {2}add k0 33\n {2}get k0/,
      );
      return true;
    },
  );
});

it("sees a property that does not hold, and a reply that is missing", async () => {
  const none: Side<string, string> = { reset: async () => {}, run: async () => [] };
  const sides = { expected: new Lists(), actual: none };
  await assert.rejects(differential({ ...options, ...sides }, ["add k 1"]), /actual {3}nothing/);
  const odd = { mode: "property", holds: (reply: string) => reply === "4" } as const;
  const two = { expected: new Lists(), actual: new Lists("x"), comparison: () => odd };
  await assert.rejects(differential({ ...options, ...two }, ["random"]), Difference);
});
