import { type Credentials, encodeUtf8, Secret } from "@echarde/core";
import type { Path, SpecReader } from "./reader.ts";

/** Reads a cluster's key `auth`. Null when there is none, or it is wrong. */
export function readCredentials(
  value: unknown,
  path: Path,
  reader: SpecReader,
  environment: Readonly<Record<string, string | undefined>>,
): Credentials | null {
  if (value === undefined) return null;
  const sources = ["password", "passwordFile", "passwordEnv"];
  const fields = reader.map(value, path, ["user", ...sources]);
  if (fields === null) return null;
  const user = reader.text(fields, "user", path) ?? "";
  const given = sources.filter((key) => fields[key] !== undefined);
  if (given.length !== 1) {
    return reader.fail(path, `needs one of ${sources.join(", ")}`, true);
  }
  let password = reader.text(fields, "password", path);
  if (fields["passwordFile"] !== undefined) {
    password = reader.file(fields, "passwordFile", path)?.replace(/\r?\n$/, "");
    if (password === "") return reader.fail([...path, "passwordFile"], "the file is empty");
  }
  const variable = reader.text(fields, "passwordEnv", path);
  if (variable) {
    password = environment[variable];
    if (!password) {
      return reader.fail([...path, "passwordEnv"], `the environment has no ${variable}`);
    }
  }
  return password ? { user, password: new Secret(encodeUtf8(password)) } : null;
}
