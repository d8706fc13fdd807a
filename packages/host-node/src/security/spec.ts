/** Keys of a configuration about encryption and about who may do what, as YAML or JSON gives them. Paths are relative to the file's folder. */
import type { KeySpec } from "@echarde/core";

/** Key `tls`: clients connect over TLS. Listeners on Unix sockets stay as they are. */
export interface ListenTlsSpec extends NamedCertificateSpec {
  /** PEM file of the authorities that sign clients' certificates; with it clients must show one. */
  readonly ca?: string;
  /** Whether clients must show a certificate. Default: `required` with `ca`, else `none`. */
  readonly clientCert?: "none" | "optional" | "required";
  /** Oldest version that is spoken. Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /** Other certificates by the name that clients ask for (SNI); `*.` stands for one label. */
  readonly names?: Readonly<Record<string, NamedCertificateSpec>>;
}

/** A certificate and its key. */
export interface NamedCertificateSpec {
  /** PEM file of the certificate, with those between it and its authority behind it. */
  readonly cert: string;
  /** PEM file of its private key, without a pass phrase. */
  readonly key: string;
}

/** Key `tls` of a cluster; `true` = TLS with the system's authorities. */
export interface ClusterTlsSpec {
  /** PEM file of the authorities that sign the servers' certificates, instead of the system's. */
  readonly ca?: string;
  /** PEM file of the router's own certificate. */
  readonly cert?: string;
  /** PEM file of its private key. */
  readonly key?: string;
  /** Name to ask for (SNI) and to expect in the certificate. Default: the endpoint's host. */
  readonly serverName?: string;
  /** Whether a certificate that cannot be checked ends the connection. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** Oldest version that is spoken. Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** Key `auth` of a cluster: by what the router makes itself known there. One of the three passwords. */
export interface ClusterAuthSpec {
  /** Default: the protocol's default user. */
  readonly user?: string;
  /** The password itself. */
  readonly password?: string;
  /** A file that holds it; a line end behind it does not count. */
  readonly passwordFile?: string;
  /** An environment variable that holds it. */
  readonly passwordEnv?: string;
}

/** Key `auth`: the router checks its clients. */
export interface AuthSpec {
  /** Users by name. */
  readonly users?: Readonly<Record<string, UserSpec>>;
  /** A YAML file of users by name, instead. */
  readonly file?: string;
  /** Wrong passwords that one client address may send at once, before one a second is checked. Default 60; 0 = no limit. */
  readonly wrongPasswords?: number;
}

/** One user. */
export interface UserSpec {
  /** Hashes of passwords, any of which will do: `#` and SHA-256 in hexadecimal (as in Redis's ACL files), or `$scrypt$…` as `echarde hash` prints. */
  readonly password?: string | readonly string[];
  /** Any password will do; for the user `default`: clients need not say who they are. */
  readonly nopass?: boolean;
  /** False = nobody can be this user. Default true. */
  readonly enabled?: boolean;
  /** First bytes of the keys and channels that the user may use. Default: all. */
  readonly prefixes?: readonly KeySpec[];
  /** Clusters whose keys and channels the user may use. Default: all. */
  readonly clusters?: readonly string[];
  /** Classes of commands. Default: all that go with the other two. */
  readonly commands?: readonly string[];
}
