/** TLS from Envoy to what runs beside it, with certificates on both sides. */
import { type Data, typed } from "./parts.ts";

/** Certificates of Envoy, and what it expects of the other side. */
export interface BridgeTls {
  /**
   * Folder, where Envoy runs, of `tls.crt` and `tls.key` (what Envoy shows) and `ca.crt` (the authority
   * of the other side's certificate): the names of a Secret of Kubernetes.
   */
  readonly folder: string;
  /** Name or IP address that the other side's certificate must bear. Default: the host where it listens. */
  readonly name?: string;
}

/** The `transport_socket` of a cluster at `address` (`host:port`). Throws `RangeError` where there is no name to expect. */
export function tlsSocket(
  { folder, name: given }: BridgeTls,
  address: string,
  http2: boolean,
): Data {
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  const name = given ?? (address.startsWith("unix:") ? "" : host);
  if (name === "") throw new RangeError(`${address} has no name that a certificate could bear`);
  const isAddress = /^[\d.]+$|:/.test(name);
  const file = (base: string): Data => ({ filename: `${folder.replace(/\/$/, "")}/${base}` });
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: typed("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
      ...(isAddress ? {} : { sni: name }), // an address is none (RFC 6066, section 3)
      common_tls_context: {
        tls_params: {
          tls_minimum_protocol_version: "TLSv1_2",
          tls_maximum_protocol_version: "TLSv1_3",
        },
        tls_certificates: [{ certificate_chain: file("tls.crt"), private_key: file("tls.key") }],
        // Without a name any certificate of the authority would do, Envoy's own among them.
        validation_context: {
          trusted_ca: file("ca.crt"),
          match_typed_subject_alt_names: [
            { san_type: isAddress ? "IP_ADDRESS" : "DNS", matcher: { exact: name } },
          ],
        },
        ...(http2 ? { alpn_protocols: ["h2"] } : {}),
      },
    }),
  };
}
