// Calls the probe on the home it is given and says what it was asked and what came of it. Not a test: approvals.test.ts runs it.
import type { JsonValue } from '@morphee/core'
import { createDevelopmentHost } from '@morphee/host/node'
import { ADA, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'

const [home = '', steps = '[]'] = process.argv.slice(2)
const host = await createDevelopmentHost({
  home,
  approvals: { asked: ({ id }) => void process.stdout.write(`${id}\n`) },
})
const { output } = await host.invoke({
  workspace: WORKSPACE,
  principal: ADA,
  extension: 'acme/probe',
  action: 'write',
  input: { steps: JSON.parse(steps) as JsonValue },
})
process.stdout.write(`${JSON.stringify(output)}\n`)
await host.close()
