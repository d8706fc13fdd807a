/** What is answered to APIs and versions that the specifications know, but nobody here speaks. */
import { refusals } from "./generated/refusals.ts";

/**
 * The response with UNSUPPORTED_VERSION, one chunk of memory of its own; null where the specifications do
 * not know the version, or have no error code for the whole of its response.
 */
export function refusalOf(
  key: number,
  version: number,
  correlationId: number,
): readonly Uint8Array[] | null {
  const known = refusals.find((one) => one.key === key && one.from <= version && version <= one.to);
  if (known === undefined) return null;
  const { flexible, body } = known;
  const head = flexible ? 9 : 8;
  const bytes = new Uint8Array(head + body.length / 2);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, bytes.length - 4);
  view.setInt32(4, correlationId);
  for (let i = 0; i < body.length; i += 2) {
    bytes[head + i / 2] = Number.parseInt(body.slice(i, i + 2), 16);
  }
  return [bytes];
}
