import { request } from "node:http";
import type { Address } from "../address.ts";

/** Gets a page of an admin port as JSON. Rejects with the system's error, or when the answer is none. */
export function askAdmin(address: Address, path: string): Promise<unknown> {
  const where =
    address.type === "unix"
      ? { socketPath: address.path }
      : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, timeout: 5_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) {
          reject(new NoAnswer(`${path}: HTTP ${response.statusCode}`));
          return;
        }
        try {
          resolve(JSON.parse(body));
        } catch {
          reject(new NoAnswer(`${path} is no JSON: is that an admin port?`));
        }
      });
    });
    asked.on("timeout", () => asked.destroy(new NoAnswer("no answer in 5 s")));
    asked.on("error", reject);
    asked.end();
  });
}

/** What came is not what an admin port says. */
export class NoAnswer extends Error {
  override readonly name: string = "NoAnswer";
}
