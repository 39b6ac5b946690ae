import {
  componentEmbed,
  componentNew,
  componentWit,
} from '@bytecodealliance/jco-transpile/wasm-tools'
import { expect, test } from 'vitest'
import { CONTRACT } from '../src/wit/contract.ts'
import { readInterfaces } from '../src/wit/interface-text.ts'
import { functionsOf, worldText } from '../src/wit/world.ts'

test('readInterfaces() finds every function of the contract', () => {
  const found = [...readInterfaces(CONTRACT).interfaces.values()].flatMap(({ functions }) => [
    ...functions.keys(),
  ])
  expect(found).toHaveLength(CONTRACT.match(/: func\(/g)?.length ?? 0)
})

test('worldText() makes a world of every interface that the toolchain accepts', async () => {
  const names = [
    'invocation',
    'log',
    'clock',
    'random',
    'config',
    'http',
    'vault',
    'storage',
    'data',
    'events',
  ]
  for (const name of names) {
    const functions = functionsOf(name)
    for (const one of functions) {
      const witSource = worldText(new Map([[name, new Set([one])]]), ['actions'])
      const embedded = await componentEmbed({ dummy: true, witSource, world: 'extension' })
      const wit = await componentWit(await componentNew(embedded))
      expect(wit).toContain(`import morphee:extension/${name}@0.9.0;`)
      expect(wit).toContain('export morphee:extension/actions@0.9.0;')
    }
  }
})

test('worldText() refuses what the contract does not have', () => {
  expect(() => worldText(new Map([['http', new Set(['steal'])]]), [])).toThrow(RangeError)
  expect(() => worldText(new Map([['shell', new Set(['run'])]]), [])).toThrow(RangeError)
})
