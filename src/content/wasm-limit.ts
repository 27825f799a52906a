// Gives a WebAssembly package that instantiates itself a limit of memory, which such packages leave open.

/** What of the global WebAssembly is used here; the library that Node's types bring does not have it. */
interface WebAssemblyGlobal {
  Module: new (bytes: Uint8Array) => object
}

const PAGE = 65_536
const MEMORY_SECTION = 5

/**
 * While `load` runs, modules are compiled with a maximum in their memory section. Without one a template such as
 * `{{ 'x' * inputs.count }}` takes up to 4 GiB of the server; with it the module traps (renderer.test.ts, "too much
 * memory").
 */
export function withMemoryLimit<T>(bytes: number, load: () => T): T {
  const global = (globalThis as unknown as { WebAssembly: WebAssemblyGlobal }).WebAssembly
  const { Module } = global
  global.Module = class extends Module {
    constructor(module: Uint8Array) {
      super(limited(module, Math.floor(bytes / PAGE)))
    }
  }
  try {
    return load()
  } finally {
    global.Module = Module
  }
}

/** Core specification 5.5: a header of 8 bytes, then sections of id, size and content; numbers are LEB128. */
function limited(module: Uint8Array, pages: number): Uint8Array {
  for (let at = 8; at < module.length; ) {
    const size = readNumber(module, at + 1)
    const end = size.next + size.value
    if (module[at] === MEMORY_SECTION) {
      // One memory: count 1, flags (0: no maximum), minimum.
      const minimum = readNumber(module, size.next + 2)
      const content = [1, 1, ...writeNumber(minimum.value), ...writeNumber(pages)]
      const section = [MEMORY_SECTION, ...writeNumber(content.length), ...content]
      return Buffer.concat([module.subarray(0, at), Uint8Array.from(section), module.subarray(end)])
    }
    at = end
  }
  return module
}

function readNumber(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, next: at }
  }
}

function writeNumber(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...writeNumber(Math.floor(value / 128))]
}
