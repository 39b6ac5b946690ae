import { Component } from '@morphee/component'
import { expect, it } from 'vitest'
import { CONTRACT } from '../../src/contract/contract.generated.ts'
import { CONTRACT_RULES } from '../../src/contract/contract-rules.ts'
import { contractProblems } from '../../src/contract/contract-problems.ts'
import { parseWat } from '../../../component/test/toolchain.ts'
import { buildGuest, manifestOf } from '../fixture/guest.ts'

it('contractProblems() finds nothing in a component that fits', async () => {
  expect(
    contractProblems(await Component.compile(buildGuest({ kind: 'trap' })), manifestOf()),
  ).toEqual([])
})

it('contractProblems() names a missing export', async () => {
  const component = await Component.compile(
    buildGuest({ kind: 'trap' }, { actionsName: 'acme:own/actions@0.9.0' }),
  )
  expect(contractProblems(component, manifestOf())).toEqual([
    expect.stringContaining('does not export morphee:extension/actions'),
  ])
})

it('each function that the host offers has a rule, and each rule a function', () => {
  expect(Object.keys(CONTRACT).sort()).toEqual(Object.keys(CONTRACT_RULES).sort())
  for (const [id, rule] of Object.entries(CONTRACT_RULES)) {
    // What has an effect is asked for over the port and needs a permission; what is answered in the worker needs none.
    expect(rule.permission !== undefined, id).toBe(rule.place === 'host')
  }
})

for (const [name, asked, problem] of [
  ['wasi:clocks/wall-clock@0.2.3', [], undefined],
  ['wasi:filesystem/types@0.2.0', [], undefined],
  ['wasi:http/types@0.2.3', [{ 'http:read': { urls: ['https://a.example/x'] } }], undefined],
  ['wasi:http/types@0.2.3', [], 'its manifest asks for neither http:read nor http:write'],
  ['wasi:sockets/tcp@0.2.3', [], 'extensions have no sockets'],
  ['wasi:clocks/wall-clock@0.3.0', [], 'which this host does not have'],
  ['wasi:keyvalue/store@0.2.0', [], 'which this host does not have'],
] as const) {
  it(`contractProblems() ${problem === undefined ? 'takes' : 'refuses'} an import of ${name} with ${asked.length} permissions`, async () => {
    const component = await Component.compile(
      await parseWat(`(component (import "${name}" (instance)))`),
    )
    const problems = contractProblems(component, manifestOf({ permissions: asked }))
    const about = problems.filter((text) => text.includes('wasi:'))
    expect(about).toEqual(
      problem === undefined
        ? []
        : [expect.stringMatching(new RegExp(`^imports "${name}".*${problem}`))],
    )
  })
}
