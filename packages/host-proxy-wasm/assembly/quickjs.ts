/** What the shim calls of QuickJS. */

// @ts-expect-error: decorator
@external("qjs", "qjs_init")
export declare function qjs_init(): i32;
// @ts-expect-error: decorator
@external("qjs", "qjs_eval_bytecode")
export declare function qjs_eval_bytecode(bytes: usize, length: i32): usize;
// @ts-expect-error: decorator
@external("qjs", "qjs_get_context_ptr")
export declare function qjs_get_context_ptr(): usize;
// @ts-expect-error: decorator
@external("qjs", "qjs_set_max_stack_size")
export declare function qjs_set_max_stack_size(bytes: i32): void;
// @ts-expect-error: decorator
@external("qjs", "qjs_set_memory_limit")
export declare function qjs_set_memory_limit(bytes: i32): void;
// @ts-expect-error: decorator
@external("qjs", "qjs_set_interrupt_handler")
export declare function qjs_set_interrupt_handler(on: i32): void;
// @ts-expect-error: decorator
@external("qjs", "qjs_run_gc")
export declare function qjs_run_gc(): void;
// @ts-expect-error: decorator
@external("qjs", "JS_GetPropertyUint32")
export declare function JS_GetPropertyUint32(context: usize, value: i64, index: u32): i64;
// @ts-expect-error: decorator
@external("qjs", "JS_GetArrayBuffer")
export declare function JS_GetArrayBuffer(context: usize, length: usize, value: i64): usize;
// @ts-expect-error: decorator
@external("qjs", "JS_Call")
export declare function JS_Call(context: usize, callee: i64, self: i64, argc: i32, argv: usize): i64;
// @ts-expect-error: decorator
@external("qjs", "JS_FreeValue")
export declare function JS_FreeValue(context: usize, value: i64): void;
// @ts-expect-error: decorator
@external("qjs", "JS_GetException")
export declare function JS_GetException(context: usize): i64;
// @ts-expect-error: decorator
@external("qjs", "wasm_malloc")
export declare function wasm_malloc(bytes: usize): usize;
// @ts-expect-error: decorator
@external("qjs", "wasm_free")
export declare function wasm_free(pointer: usize): void;
