/** A Compose file: Envoy with the module and the bridge beside it, or with the router, as plain data. */
import { besideCommand, besideOf, type EmitOptions } from "./envoy.ts";
import type { Data } from "./parts.ts";

/** What the file is made from. */
export interface ComposeOptions extends EmitOptions {
  /** Image of Envoy. Default: the version that the tests run. */
  readonly envoyImage?: string;
  /** Image of the bridge. */
  readonly bridgeImage?: string;
  /** Name of the configuration's file beside the Compose file. */
  readonly file: string;
}

/** Envoy reads `envoy.json` beside the file; both share one network, so that the bridge stays on loopback. */
export function composeFile(options: ComposeOptions): Data {
  const { route, listen, module, file } = options;
  const port = listen.slice(listen.lastIndexOf(":") + 1);
  const moduleFile = module.slice(module.lastIndexOf("/") + 1);
  const beside = {
    image: options.bridgeImage ?? "echarde:latest",
    command: besideCommand(options, "/etc/echarde/echarde.yaml"),
    volumes: [`./${file}:/etc/echarde/echarde.yaml:ro`],
    network_mode: "service:envoy",
  };
  return {
    services: {
      envoy: {
        image: options.envoyImage ?? "envoyproxy/envoy:v1.40.0",
        command: ["-c", "/etc/envoy/envoy.json"],
        ports: [`${port}:${port}`],
        volumes: [
          "./envoy.json:/etc/envoy/envoy.json:ro",
          ...(route === "router" ? [] : [`./${moduleFile}:${module}:ro`]),
        ],
      },
      ...(route === "sticky" ? {} : { [besideOf(options)]: beside }),
    },
  };
}
