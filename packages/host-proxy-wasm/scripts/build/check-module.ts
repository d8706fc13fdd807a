/** What Envoy's ABI has to find in a module, and what the module may ask of it. */
import { webAssembly } from "./web-assembly.ts";

const exported: readonly string[] = [
  "memory",
  "proxy_abi_version_0_2_1",
  ...["proxy_on_memory_allocate", "proxy_on_context_create", "proxy_on_vm_start"],
  ...["proxy_on_configure", "proxy_on_tick", "proxy_on_new_connection"],
  ...["proxy_on_downstream_data", "proxy_on_upstream_data"],
  ...["proxy_on_downstream_connection_close", "proxy_on_upstream_connection_close"],
  ...["proxy_on_done", "proxy_on_log", "proxy_on_delete"],
];

const importable: readonly string[] = [
  ...["proxy_log", "proxy_get_buffer_bytes", "proxy_get_buffer_status", "proxy_set_buffer_bytes"],
  ...["proxy_continue_stream", "proxy_close_stream", "proxy_set_effective_context"],
  ...["proxy_call_foreign_function", "proxy_set_tick_period_milliseconds"],
  ...["proxy_get_current_time_nanoseconds", "proxy_define_metric", "proxy_increment_metric"],
  ...["clock_time_get", "fd_close", "fd_fdstat_get", "fd_seek", "fd_write", "random_get"],
];

/** Throws unless imports and exports are those that Envoy knows. */
export async function checkModule(bytes: Uint8Array): Promise<void> {
  const module = await webAssembly.compile(bytes);
  const names = webAssembly.Module.exports(module).map(({ name }) => name);
  const lacking = exported.filter((name) => !names.includes(name));
  const hidden = names.filter((name) => !exported.includes(name));
  const foreign = webAssembly.Module.imports(module)
    .map(({ name }) => name)
    .filter((name) => !importable.includes(name));
  for (const [what, list] of Object.entries({ lacking, hidden, foreign })) {
    if (list.length > 0)
      throw new Error(`the module is not as expected, ${what}: ${list.join(", ")}`);
  }
}
