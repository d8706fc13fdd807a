/** The part of the WebAssembly API that is used here; Node has it, its types do not. */

/** What a module asks for or offers. */
export interface Descriptor {
  /** Imports: of which module. */
  readonly module: string;
  /** Its name. */
  readonly name: string;
}

/** A compiled module. */
export type Module = object;

/** What an instance offers by name: functions, globals and the memory. */
export type Exports = Readonly<Record<string, unknown>>;

/** What an instance is given, by module and name. */
export type Imports = Record<string, Record<string, (...args: never[]) => unknown>>;

interface Api {
  readonly Module: {
    imports(module: Module): readonly Descriptor[];
    exports(module: Module): readonly Descriptor[];
  };
  compile(bytes: Uint8Array): Promise<Module>;
  instantiate(module: Module, imports: Imports): Promise<{ readonly exports: Exports }>;
}

/** See the module. */
export const webAssembly: Api = (globalThis as unknown as { readonly WebAssembly: Api })
  .WebAssembly;
