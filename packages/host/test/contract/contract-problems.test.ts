import { Component } from '@morphee/component'
import { expect, it } from 'vitest'
import { CONTRACT } from '../../src/contract/contract.generated.ts'
import { CONTRACT_RULES } from '../../src/contract/contract-rules.ts'
import { contractProblems } from '../../src/contract/contract-problems.ts'
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
