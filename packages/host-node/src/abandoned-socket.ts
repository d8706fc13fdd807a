import { statSync, unlinkSync } from "node:fs";
import { connect } from "node:net";

/** Removes a socket file that a process left behind when it was killed. Resolves with whether there was one. */
export async function removeAbandoned(path: string): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return false;
  const refused = await new Promise<boolean>((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
  if (refused) unlinkSync(path);
  return refused;
}
