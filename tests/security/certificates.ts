/** Certificates made for a test with the program openssl: an authority, and what it signs. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Files of a certificate and its key. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority in a folder of its own. */
export interface Authority {
  /** The folder. */
  readonly dir: string;
  /** Its certificate. */
  readonly ca: string;
  /** Its certificate as text. */
  readonly pem: string;
  /** Signs a certificate for this name; `san` as in `DNS:a.example,IP:127.0.0.1`. */
  issue(name: string, san: string): PairFiles;
  /** Removes the folder. */
  remove(): void;
}

/** Makes an authority. */
export function makeAuthority(name = "authority"): Authority {
  const dir = mkdtempSync(join(tmpdir(), "echarde-ca-"));
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", [...args], { stdio: ["ignore", "ignore", "pipe"] });
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = join(dir, "ca.pem");
  const caKey = join(dir, "ca.key");
  openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    caKey,
    "-out",
    ca,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  );
  let serial = 0;
  return {
    dir,
    ca,
    pem: readFileSync(ca, "utf8"),
    issue(subject, san) {
      serial += 1;
      const file = (end: string): string => join(dir, `${serial}.${end}`);
      writeFileSync(file("ext"), `subjectAltName=${san}\n`);
      openssl(
        "req",
        ...key,
        "-keyout",
        file("key"),
        "-out",
        file("csr"),
        "-subj",
        `/CN=${subject}`,
      );
      openssl(
        ...["x509", "-req", "-in", file("csr"), "-CA", ca, "-CAkey", caKey, "-days", "2"],
        ...["-set_serial", String(serial), "-extfile", file("ext"), "-out", file("pem")],
      );
      return { cert: file("pem"), key: file("key") };
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
