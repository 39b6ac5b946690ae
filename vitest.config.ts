import { existsSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { readSuiteFolder, suiteFolders } from './packages/component/test/conformance/read-suite.ts'

const resolve = { conditions: ['@morphee/source'] }
// Packages that promise to need the web platform only are tested in a page too, by the same files; `*.node.test.ts` are not.
const neutral = ['core', 'component', 'manifest']
const chromium = process.env['MORPHEE_CHROMIUM'] ?? '/usr/bin/chromium'
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
]

const seededFastCheck = fileURLToPath(import.meta.resolve('./tools/test/usual-seed.ts'))

const usualSeed = {
  name: 'usual-seed',
  enforce: 'pre' as const,
  resolveId: (source: string, importer?: string): string | undefined =>
    source === 'fast-check' && importer !== seededFastCheck ? seededFastCheck : undefined,
}

/** A folder of the Component Model's own suite for a page, which gets JSON only. */
function suiteFolder(_: unknown, name: string): Record<string, string> {
  const files = [...readSuiteFolder(name)]
  return Object.fromEntries(
    files.map(([file, bytes]) => [file, Buffer.from(bytes).toString('base64')]),
  )
}

export default defineConfig({
  test: {
    reporters: ['default', './tools/test/closing-line-reporter.ts'],
    projects: [
      {
        plugins: [usualSeed],
        resolve,
        ssr: { resolve },
        test: {
          name: 'node',
          include: [
            'packages/*/test/**/*.test.ts',
            'test/**/*.test.ts',
            'sdks/*/test/**/*.test.ts',
            'extensions/*/test/**/*.test.ts',
            'tools/test/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.browser.test.ts'],
          setupFiles: ['./tools/test/to-throw-code.ts'],
          execArgv: ['--conditions=@morphee/source'],
          pool: 'forks',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      ...(existsSync(chromium)
        ? [
            {
              plugins: [usualSeed],
              resolve,
              test: {
                name: 'chromium',
                include: neutral.map((name) => `packages/${name}/test/**/*.test.ts`),
                exclude: ['**/*.node.test.ts'],
                setupFiles: ['./tools/test/to-throw-code.ts'],
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  commands: { suiteFolders, suiteFolder },
                  instances: [{ browser: 'chromium' as const }],
                  provider: playwright({ launchOptions: { executablePath: chromium, args } }),
                },
              },
            },
          ]
        : []),
    ],
  },
})
