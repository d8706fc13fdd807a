/** What is bundled for QuickJS. */
import { type Input, playScenario } from "./scenario.ts";

Object.assign(globalThis, {
  play: (json: string, seed: number, reusesInput: boolean): string =>
    playScenario(JSON.parse(json) as Input[], seed, reusesInput),
});
