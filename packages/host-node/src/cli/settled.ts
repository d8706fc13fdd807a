/** A file that is written in its place is seen half done, and half of a configuration may be one, too. */
import { setTimeout as sleep } from "node:timers/promises";

/**
 * The text once nobody writes it: two looks in a row give the same.
 *
 * @param look reads the text
 * @param rest between two looks; default: 50 ms
 * @returns null when each of a hundred looks gave another text, 5 s of them
 */
export async function settled(
  look: () => string,
  rest: () => Promise<unknown> = () => sleep(50),
): Promise<string | null> {
  let text = look();
  for (let looks = 0; looks < 100; looks++) {
    await rest();
    const later = look();
    if (later === text) return text;
    text = later;
  }
  return null;
}
