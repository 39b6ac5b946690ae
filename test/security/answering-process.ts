// Answers every question of the home it is given in one way, when a line comes in, and says of each what came of it. Not a test:
// approvals.test.ts runs two at once.
import { isPlatformError } from '@morphee/core'
import type { Answer } from '@morphee/host'
import { createDevelopmentHost } from '@morphee/host/node'
import { once } from 'node:events'
import { AS_ADA } from '../../packages/host/test/fixture/answering.ts'
import { WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'

const [home = '', answer = '{}'] = process.argv.slice(2)
const host = await createDevelopmentHost({ home })
const questions = await host.approvals.list(WORKSPACE)
process.stdout.write(`${questions.length}\n`)
await once(process.stdin, 'data')
const said = await Promise.all(
  questions.map(async ({ id, digest }) => {
    const request = { workspace: WORKSPACE, id, shown: digest, by: AS_ADA }
    try {
      await host.approvals.answer({ ...request, answer: JSON.parse(answer) as Answer })
      return [id, 'counted']
    } catch (error) {
      return [id, isPlatformError(error) ? error.code : String(error)]
    }
  }),
)
process.stdout.write(`${JSON.stringify(said)}\n`)
process.stdin.destroy()
await host.close()
