// What is published resolves as it says: publint over the built packages, and attw over the types of every entry.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

let failed = false
for (const file of globSync('packages/*/package.json').sort()) {
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { name: string; private?: boolean }
  if (manifest.private === true) continue
  const dir = dirname(file)
  const { messages } = await publint({ pkgDir: dir, strict: true, pack: false })
  for (const message of messages) {
    // Sources are shipped beside what is built from them, for stack traces and for our own condition.
    if (message.code === 'EXPORTS_MODULE_SHOULD_BE_ESM' || message.type === 'suggestion') continue
    failed = true
    console.error(`${manifest.name}: ${formatMessage(message, manifest as never)}`)
  }
  const attw = spawnSync(
    'attw',
    ['--pack', dir, '--profile', 'esm-only', '--format', 'ascii', '--quiet'],
    { encoding: 'utf8' },
  )
  if (attw.status !== 0) {
    failed = true
    console.error(`${manifest.name}: ${attw.stdout}${attw.stderr}`)
  }
}
process.exitCode = failed ? 1 : 0
