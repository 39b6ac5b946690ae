// Installs one version after another on the home it is given, until somebody kills it. Not a test: killed-installs.test.ts runs it.
import { createDevelopmentHost } from '@morphee/host/node'
import { tinyExtension } from '../../packages/host/test/fixture/guest.ts'
import { installCandidate } from '../../packages/host/test/fixture/test-host.ts'

const home = process.argv[2] as string
let patch = Number(process.argv[3])

process.stdout.write('opening\n')
const host = await createDevelopmentHost({ home })
process.stdout.write('open\n')
for (;;) {
  const version = `1.0.${patch++}`
  const wasm = tinyExtension({ kind: 'answer', text: JSON.stringify(version) }, { version })
  await installCandidate(host, await host.admitUnsigned(wasm))
  process.stdout.write(`${version}\n`)
}
