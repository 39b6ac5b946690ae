import { Component } from '@morphee/component'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dummyComponent, parseWat } from '../toolchain.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-declarations-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const TSC = new URL('../../../../node_modules/.bin/tsc', import.meta.url).pathname

const OPTIONS =
  '--ignoreConfig --noEmit --strict --exactOptionalPropertyTypes --module nodenext --target es2025 --lib es2025,esnext.disposable'

/** What the compiler says to `use`, a module that imports the declarations as `./component.ts`. */
async function compile(declarations: string, use: string): Promise<string> {
  const files = { 'component.d.ts': declarations, 'use.ts': use }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const { stdout, status } = spawnSync(TSC, [...OPTIONS.split(' '), 'use.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return status === 0 ? '' : stdout
}

const SHOP = `
  package acme:shop@1.0.0;
  interface goods {
    enum size { small, large }
    flags traits { fragile, frozen }
    variant price { free, cents(u64), percent-off(tuple<u8, string>) }
    record item { item-name: string, size: size, traits: traits, price: price, note: option<string>, photo: list<u8>, tags: list<string> }
  }
  interface stock {
    use goods.{item, price};
    resource shelf {
      constructor(width: u32);
      put: func(item: item) -> result<u32, string>;
      then: func();
      largest: static func(of: list<borrow<shelf>>) -> option<option<item>>;
    }
    type outcome = result<list<item>, price>;
    find: func(by-name: string, limit: option<u32>) -> outcome;
    new: func(default: bool) -> tuple<s8, f64, char>;
    swap: func(a: shelf, b: result<u8, string>) -> result<shelf>;
  }
  interface events {
    use goods.{item};
    resource bell { constructor(tone: u8); ring: func(times: option<u8>); }
    moved: func(item: item, to: borrow<bell>);
  }
  world shop {
    import events; import now: func() -> u64; import clock: interface { zone: func() -> string; }
    export stock; export about: func() -> string;
  }
`

describe('component.declarations()', () => {
  test('types both sides of a host so that right use compiles and wrong use does not', async () => {
    const component = await Component.compile(await dummyComponent(SHOP, 'acme:shop/shop'))
    const said = await compile(
      component.declarations(),
      `
      import type { AcmeShopEvents, AcmeShopGoods, AcmeShopStock, Exports, Imports, Result } from './component.ts'

      class Bell implements AcmeShopEvents.Bell {
        constructor(tone: number) { void tone }
        ring(times?: number): void { void times }
      }
      export const imports: Imports = {
        'acme:shop/events@1.0.0': { Bell, moved(item, to) { const name: string = item.itemName; void name; to.ring() } },
        now: () => 1n,
        clock: { zone: () => 'UTC' },
      }
      // @ts-expect-error a number where 64 bits are asked for
      export const wrong: Imports = { ...imports, now: () => 1 }
      // @ts-expect-error an import is missing
      export const missing: Imports = { now: () => 1n, clock: { zone: () => 'UTC' } }

      declare const exports: Exports
      const stock = exports['acme:shop/stock@1.0.0']
      const item: AcmeShopGoods.Item = {
        itemName: 'pea', size: 'small', traits: { frozen: true }, price: { tag: 'percent-off', val: [5, 'today'] }, photo: new Uint8Array(1), tags: ['green'],
      }
      using shelf = new stock.Shelf(3)
      const put: number = shelf.put(item)
      shelf.then_()
      const largest = stock.Shelf.largest([shelf])
      if (largest.tag === 'some') { const inner: AcmeShopGoods.Item | undefined = largest.val; void inner }
      const found: AcmeShopGoods.Item[] = stock.find('pea')
      const made: [number, number, string] = stock.new(true)
      const both: Result<number, string> = { tag: 'ok', val: 1 }
      const next: AcmeShopStock.Shelf = stock.swap(shelf, both)
      const about: string = exports.about()
      void [put, found, made, next, about]
      // @ts-expect-error no such size
      const odd: AcmeShopGoods.Item = { ...item, size: 'medium' }
      // @ts-expect-error an array of numbers is not bytes
      const numbers: AcmeShopGoods.Item = { ...item, photo: [1, 2] }
      // @ts-expect-error a required argument
      stock.find()
      // @ts-expect-error a number where 64 bits are asked for
      const price: AcmeShopStock.Price = { tag: 'cents', val: 5 }
      void [odd, numbers, price]
      `,
    )
    expect(said).toBe('')
  })
  test('gives the instance the type that it wrote', async () => {
    // What it writes for a world that exports `answer: func() -> u32`.
    type Exports = { answer(): number }
    const component = await Component.compile(
      await parseWat(`(component
        (core module $m (func (export "f") (result i32) (i32.const 42)))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (export "answer" (func $f)))`),
    )
    expect(component.declarations()).toContain('export type Exports = {\n  answer(): number\n}')
    const { exports } = await component.instantiate<Exports>()
    expect(exports.answer()).toBe(42)
  })

  test('lets imports be promises and makes every export one, when asked', async () => {
    const component = await Component.compile(await dummyComponent(SHOP, 'acme:shop/shop'))
    const said = await compile(
      component.declarations({ suspending: true }),
      `
      import type { Exports, Imports } from './component.ts'
      export const now: Imports['now'] = async () => 1n
      export async function use(exports: Exports): Promise<void> {
        const about: string = await exports.about()
        const shelf = await new exports['acme:shop/stock@1.0.0'].Shelf(3)
        const put: number = await shelf.put({} as never)
        // @ts-expect-error not without waiting
        const early: string = exports.about()
        void [about, put, early]
      }
      `,
    )
    expect(said).toBe('')
  })

  test('keeps its own words apart from names of the component', async () => {
    const wit = `
      package t:t;
      interface i {
        record uint8-array { x: u8 }
        record %map { x: uint8-array }
        enum %result { a }
        flags promise { f }
        type %option = list<u8>;
        in: func(function: %map, %export: %result) -> option<option<uint8-array>>;
        constructor-of: func(await: promise) -> %option;
      }
      world w { import i; export i; export imports: func(); }`
    const component = await Component.compile(await dummyComponent(wit, 't:t/w'))
    expect(
      await compile(
        component.declarations(),
        `
      import type { Exports, Imports, TTI } from './component.ts'
      export const imports: Imports = { 't:t/i': { in: (map, result) => ({ tag: 'some', val: { x: map.x.x + result.length } }), constructorOf: () => new Uint8Array(0) } }
      declare const exports: Exports
      const bytes: Uint8Array = exports['t:t/i'].constructorOf({ f: true })
      const array: TTI.Uint8Array_ = { x: 1 }
      void [bytes, array, exports.imports()]
    `,
      ),
    ).toBe('')
  })

  test('declares the resources of a world and names what it cannot', async () => {
    const bytes = await parseWat(`(component
      (import "x" (instance (export "inner" (instance (export "f" (func))))))
      (import "own-r" (type $r (sub resource)))
      (import "[static]own-r.make" (func (result (own $r))))
      (core module $m) (export "m" (core module $m)))`)
    const component = await Component.compile(bytes)
    expect(component.declarations()).toBe(`/** \`x\`, as the host provides it. */
export interface X {
  // "inner" cannot be declared: it is no function and no type
}

export interface OwnR {
  [Symbol.dispose]?(): void
}

/** What the component asks of its host. */
export type Imports = {
  readonly x: X
  readonly OwnR: {
    readonly prototype: OwnR
    make(): OwnR
  }
}

/** What the component offers its host. */
export type Exports = {
  // "m" cannot be declared: it is no function and no type
}
`)
  })
})
