// The contestants behind one interface. Each is used as its own documentation says, with whatever it lets a host prepare once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as extism from '@extism/extism'
import { Component } from '@morphee/component'
import * as extismNext from 'extism-next'
import { transpile, type Transpiled } from './jco.ts'
import { API, type Guest, type Item, type Note } from './guest.ts'

/** One way to run the guest. */
export interface Engine {
  readonly name: string
  /** From bytes to what instances are made of; absent where that happens at another time, such as jco's build. */
  readonly compile?: () => Promise<unknown>
  /** From what was prepared to a guest that can be called. */
  instantiate(note: Note): Promise<Guest>
  /** Like {@link Engine.instantiate}, with a `note` that returns a promise. */
  readonly instantiateSuspending?: (note: Note) => Promise<Guest>
  /** Lets go of a guest. */
  readonly dispose?: (guest: Guest) => Promise<void>
  /** Lets go of the engine. */
  readonly close?: () => Promise<void>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export async function openEngine(bytes: Uint8Array<ArrayBuffer>): Promise<Engine> {
  const component = await Component.compile(bytes)
  const open = async (note: Note, options?: { suspending: string[] }): Promise<Guest> =>
    (await component.instantiate({ note } as never, options)).exports[API] as unknown as Guest
  return {
    name: 'engine',
    compile: () => Component.compile(bytes),
    instantiate: (note) => open(note),
    instantiateSuspending: (note) => open(note, { suspending: ['note'] }),
  }
}

/** V8 alone: the guest's core with glue as a person writes it for exactly these four functions. */
export async function openBare(core: Uint8Array<ArrayBuffer>): Promise<Engine> {
  const module = await WebAssembly.compile(core)
  const open = async (note: Note, suspends: boolean): Promise<Guest> => {
    const heard = (at: number, length: number): number | Promise<number> => {
      renew()
      return note(read(at, length))
    }
    const imports = {
      $root: {
        note: suspends
          ? new (WebAssembly as unknown as { Suspending: new (f: unknown) => unknown }).Suspending(
              heard,
            )
          : heard,
      },
    }
    const guest = new WebAssembly.Instance(module, imports as never).exports as Record<
      string,
      unknown
    >
    const memory = guest['memory'] as WebAssembly.Memory
    let view = new DataView(memory.buffer)
    let all = new Uint8Array(memory.buffer)
    const renew = (): void => {
      if (all.buffer === memory.buffer) return
      all = new Uint8Array(memory.buffer)
      view = new DataView(memory.buffer)
    }
    const realloc = guest['cabi_realloc'] as (...args: number[]) => number
    const read = (at: number, length: number): string =>
      decoder.decode(all.subarray(at, at + length))
    let written = 0
    const put = (text: string): number => {
      const at = realloc(0, 0, 1, text.length * 3)
      renew()
      written = encoder.encodeInto(text, all.subarray(at, at + text.length * 3)).written
      return at
    }
    const [echo, echoItem, echoList] = ['echo', 'echo-item', 'echo-list'].map(
      (name) => guest[`${API}#${name}`],
    ) as [
      (at: number, length: number) => number,
      (...args: number[]) => number,
      (at: number, length: number) => number,
    ]
    const ask = (
      suspends
        ? (WebAssembly as unknown as { promising: (f: unknown) => unknown }).promising(
            guest[`${API}#ask`],
          )
        : guest[`${API}#ask`]
    ) as (at: number, length: number) => unknown
    return {
      echo(text) {
        const result = echo(put(text), written)
        renew()
        return read(view.getUint32(result, true), view.getUint32(result + 4, true))
      },
      echoItem({ id, name, done, score }) {
        const result = echoItem(id, put(name), written, done ? 1 : 0, score)
        renew()
        return itemAt(result)
      },
      echoList(items) {
        const list = realloc(0, 0, 8, items.length * 24)
        for (let i = 0; i < items.length; i++) {
          const { id, name, done, score } = items[i] as Item
          const text = put(name)
          const at = list + i * 24
          view.setUint32(at, id, true)
          view.setUint32(at + 4, text, true)
          view.setUint32(at + 8, written, true)
          view.setUint8(at + 12, done ? 1 : 0)
          view.setFloat64(at + 16, score, true)
        }
        const result = echoList(list, items.length)
        renew()
        const first = view.getUint32(result, true)
        return Array.from({ length: view.getUint32(result + 4, true) }, (_, i) =>
          itemAt(first + i * 24),
        )
      },
      ask: (text) => ask(put(text), written),
    }
    function itemAt(at: number): Item {
      return {
        id: view.getUint32(at, true),
        name: read(view.getUint32(at + 4, true), view.getUint32(at + 8, true)),
        done: view.getUint8(at + 12) !== 0,
        score: view.getFloat64(at + 16, true),
      }
    }
  }
  return {
    name: 'bare',
    compile: () => WebAssembly.compile(core),
    instantiate: (note) => open(note, false),
    instantiateSuspending: (note) => open(note, true),
  }
}

/**
 * Instances of the component's own cores, linked by hand and without any glue: what no engine for components can be faster than.
 *
 * Toolchains wrap a core in two more, which let it import what needs its memory: a table of trampolines, and what fills it.
 */
export async function openCores(bytes: Uint8Array<ArrayBuffer>): Promise<() => unknown> {
  const { modules } = await Component.compile(bytes)
  const [main, trampolines, filler] = modules as [
    WebAssembly.Module,
    WebAssembly.Module,
    WebAssembly.Module,
  ]
  const note = (): number => 0
  return () => {
    const table = new WebAssembly.Instance(trampolines).exports
    const guest = new WebAssembly.Instance(main, { $root: { note: table['0'] } } as never)
    new WebAssembly.Instance(filler, {
      actual: { '0': note },
      shim: { $imports: table['$imports'] },
    } as never)
    return guest
  }
}

/** jco: the component is turned into JavaScript and cores beforehand; what is measured is that JavaScript. */
export async function openJco(bytes: Uint8Array<ArrayBuffer>): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-jco-'))
  const plain = await transpile(bytes, join(folder, 'plain'))
  const suspending = await transpile(bytes, join(folder, 'suspending'), {
    asyncMode: 'jspi',
    asyncImports: ['note'],
    asyncExports: ['ask'],
  })
  return {
    name: 'jco',
    instantiate: (note) => guestOf(plain, note),
    instantiateSuspending: (note) => guestOf(suspending, note),
    close: () => rm(folder, { recursive: true }),
  }
}

async function guestOf(transpiled: Transpiled, note: Note): Promise<Guest> {
  return (await transpiled.instantiate({ note: { default: note } }))[API] as Guest
}

interface Plugin {
  call(name: string, input: string): Promise<{ text(): string; json(): unknown } | null>
  reset(): Promise<boolean>
  close(): Promise<void>
}
type CreatePlugin = (module: unknown, options: object) => Promise<Plugin>

/** Extism: bytes in, bytes out; structured values go as JSON, which is what its users do. */
export async function openExtism(
  name: string,
  plugin: Uint8Array<ArrayBuffer>,
  version: 1 | 2,
): Promise<Engine> {
  const createPlugin = (version === 1 ? extism : extismNext).createPlugin as unknown as CreatePlugin
  const module = await WebAssembly.compile(plugin)
  const plugins = new WeakMap<Guest, Plugin>()
  const open = async (note: Note): Promise<Guest> => {
    const user = {
      note: (call: { read(at: bigint): { text(): string } | null }, at: bigint) =>
        BigInt(note(call.read(at)?.text() ?? '') as number),
    }
    const made = await createPlugin(
      { wasm: [{ module }] },
      { functions: { 'extism:host/user': user } },
    )
    let calls = 0
    const call = async (name: string, input: string): ReturnType<Plugin['call']> => {
      const output = await made.call(name, input)
      // Its blocks are not given back by themselves; after 32,768 of them it can hand out no more.
      if (++calls % 1000 === 0) await made.reset()
      return output
    }
    const guest: Guest = {
      echo: async (text) => (await call('echo', text))?.text(),
      echoItem: async (item) => (await call('echo', JSON.stringify(item)))?.json(),
      echoList: async (items) => (await call('echo', JSON.stringify(items)))?.json(),
      ask: (text) => call('ask', text),
    }
    plugins.set(guest, made)
    return guest
  }
  return {
    name,
    compile: () => WebAssembly.compile(plugin),
    instantiate: open,
    dispose: async (guest) => plugins.get(guest)?.close(),
  }
}
