/** What modules of the engine are called, which stand between a guest and JavaScript, so that they can be told from guests on the stack. */
export const ENGINE_MODULE = 'morphee-engine'

/** A module of `sections`, each with its id first, under the engine's name. Sections and their parts are shorter than 128 bytes. */
export function engineModule(...sections: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode(ENGINE_MODULE)]
  const named = [0, 4, 0x6e, 0x61, 0x6d, 0x65, 0, name.length + 1, name.length, ...name]
  const bytes = [...sections, named].flatMap(([id = 0, ...body]) => [id, body.length, ...body])
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes)
}
