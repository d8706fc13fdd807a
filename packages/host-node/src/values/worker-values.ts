/** Values of one of several processes: the first process has them. */
import type { ValueQuestion } from "@echarde/core";
import type { HostValues, ValueAnswer } from "./host-values.ts";

/** See the module. */
export class WorkerValues implements HostValues {
  readonly #ask: (id: number, question: ValueQuestion) => void;
  readonly #asked = new Map<number, (answer: ValueAnswer) => void>();
  #lastId = 0;

  /** `ask` = sends a question to the first process. */
  constructor(ask: (id: number, question: ValueQuestion) => void) {
    this.#ask = ask;
  }

  open(): void {}

  answer(question: ValueQuestion): Promise<ValueAnswer> {
    return new Promise((resolve) => {
      this.#lastId += 1;
      this.#asked.set(this.#lastId, resolve);
      this.#ask(this.#lastId, question);
    });
  }

  /** The first process has answered. */
  answered(id: number, answer: ValueAnswer): void {
    this.#asked.get(id)?.(answer);
    this.#asked.delete(id);
  }

  close(): void {}
}
