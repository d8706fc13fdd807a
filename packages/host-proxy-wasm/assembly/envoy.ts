/** What the shim calls of Envoy: Proxy-Wasm ABI 0.2.1. */

// @ts-expect-error: decorator
@external("env", "proxy_log")
export declare function proxy_log(level: i32, text: usize, length: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_get_buffer_bytes")
export declare function proxy_get_buffer_bytes(type: i32, from: u32, length: u32, at: usize, size: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_get_buffer_status")
export declare function proxy_get_buffer_status(type: i32, length: usize, flags: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_set_buffer_bytes")
export declare function proxy_set_buffer_bytes(type: i32, from: u32, length: u32, bytes: usize, size: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_continue_stream")
export declare function proxy_continue_stream(type: i32): i32;
// @ts-expect-error: decorator
@external("env", "proxy_close_stream")
export declare function proxy_close_stream(type: i32): i32;
// @ts-expect-error: decorator
@external("env", "proxy_set_effective_context")
export declare function proxy_set_effective_context(context: i32): i32;
// @ts-expect-error: decorator
@external("env", "proxy_call_foreign_function")
export declare function proxy_call_foreign_function(
  name: usize, nameLength: usize, argument: usize, length: usize, result: usize, resultLength: usize,
): i32;
// @ts-expect-error: decorator
@external("env", "proxy_set_tick_period_milliseconds")
export declare function proxy_set_tick_period_milliseconds(period: u32): i32;
// @ts-expect-error: decorator
@external("env", "proxy_get_current_time_nanoseconds")
export declare function proxy_get_current_time_nanoseconds(at: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_define_metric")
export declare function proxy_define_metric(type: i32, name: usize, length: usize, id: usize): i32;
// @ts-expect-error: decorator
@external("env", "proxy_increment_metric")
export declare function proxy_increment_metric(id: u32, by: i64): i32;
