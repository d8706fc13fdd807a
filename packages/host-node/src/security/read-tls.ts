/** Reads certificates and keys, and checks that they are what they should be and belong together. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { DialTls, KeyPair, ListenTls } from "../sockets.ts";
import type { Fields, Path, SpecReader } from "./reader.ts";

const versions = ["TLSv1.2", "TLSv1.3"] as const;

/** Reads the listener's key `tls`. Null when there is none, or it is wrong. */
export function readListenTls(value: unknown, reader: SpecReader): ListenTls | null {
  if (value === undefined) return null;
  const path = ["tls"];
  const known = ["cert", "key", "ca", "clientCert", "minVersion", "names"];
  const fields = reader.map(value, path, known);
  if (fields === null) return null;
  const pair = readPair(fields, path, reader, true);
  const ca = readAuthorities(fields, path, reader);
  const modes = ["none", "optional", "required"] as const;
  const clientCert = reader.word(fields, "clientCert", path, modes, ca ? "required" : "none");
  if (clientCert !== "none" && fields["ca"] === undefined) {
    reader.fail([...path, "clientCert"], "needs `ca`: the authorities that sign them");
  }
  const minVersion = reader.word(fields, "minVersion", path, versions, "TLSv1.2");
  const names = new Map<string, KeyPair>();
  const given = fields["names"];
  const entries = given === undefined ? {} : reader.map(given, [...path, "names"], null);
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const at = [...path, "names", name];
    const own = reader.map(entry, at, ["cert", "key"]);
    const named = own === null ? null : readPair(own, at, reader, true);
    if (named) names.set(name.toLowerCase(), named);
  }
  return pair ? { ...pair, ca: ca ?? null, clientCert, minVersion, names } : null;
}

/** Reads a cluster's key `tls`. Null when there is none, or it is wrong. */
export function readDialTls(value: unknown, path: Path, reader: SpecReader): DialTls | null {
  if (value === undefined || value === false) return null;
  const known = ["ca", "cert", "key", "serverName", "rejectUnauthorized", "minVersion"];
  const fields = value === true ? {} : reader.map(value, path, known);
  if (fields === null) return null;
  const pair = readPair(fields, path, reader, false);
  return {
    pair: pair ?? null,
    ca: readAuthorities(fields, path, reader) ?? null,
    serverName: reader.text(fields, "serverName", path) ?? null,
    rejectUnauthorized: reader.flag(fields, "rejectUnauthorized", path, true),
    minVersion: reader.word(fields, "minVersion", path, versions, "TLSv1.2"),
  };
}

/** Certificate and key; undefined when neither is given and they need not be. */
function readPair(
  fields: Fields,
  path: Path,
  reader: SpecReader,
  needed: boolean,
): KeyPair | null | undefined {
  const cert = reader.file(fields, "cert", path);
  const key = reader.file(fields, "key", path);
  if (cert === undefined && key === undefined && !needed) return undefined;
  if (cert === undefined) reader.fail(path, "needs `cert`", true);
  if (key === undefined) reader.fail(path, "needs `key`", true);
  const certificate = cert ? certificateOf(cert, [...path, "cert"], reader) : null;
  const secret = key ? keyOf(key, [...path, "key"], reader) : null;
  if (!cert || !key || certificate === null || secret === null) return null;
  if (!certificate.checkPrivateKey(secret)) {
    return reader.fail([...path, "key"], "is not the key of the certificate in `cert`");
  }
  return { cert, key };
}

function readAuthorities(
  fields: Fields,
  path: Path,
  reader: SpecReader,
): string | null | undefined {
  const ca = reader.file(fields, "ca", path);
  if (!ca) return ca;
  return certificateOf(ca, [...path, "ca"], reader) === null ? null : ca;
}

/** The first of the file; the others are looked at as well. */
function certificateOf(pem: string, path: Path, reader: SpecReader): X509Certificate | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first = null] = blocks.map((block) => new X509Certificate(block));
    return first ?? reader.fail(path, "holds no certificate in PEM form");
  } catch {
    return reader.fail(path, "holds a certificate that cannot be read");
  }
}

function keyOf(pem: string, path: Path, reader: SpecReader): KeyObject | null {
  if (/ENCRYPTED/.test(pem)) return reader.fail(path, "is protected by a pass phrase");
  try {
    return createPrivateKey(pem);
  } catch {
    return reader.fail(path, "holds no private key in PEM form");
  }
}
