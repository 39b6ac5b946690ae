import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { componentize } from 'componentize-qjs'
import { AuthoringError } from '../../errors.ts'
import { actionsDiffer } from '../check-actions.ts'

/** Puts a script into QuickJS and both into a component. The script's top level runs here, once, without a host. */
export async function componentizeScript(script: string, world: string): Promise<Uint8Array> {
  // The tool takes its WIT from a file only.
  const dir = await mkdtemp(join(tmpdir(), 'morphee-build-'))
  try {
    const witPath = join(dir, 'extension.wit')
    await writeFile(witPath, world)
    const { component } = await componentize({
      witPath,
      world: 'extension',
      jsSource: script,
      sync: true,
      stubWasi: true,
      optSize: true,
    })
    return new Uint8Array(component)
  } catch (error) {
    throw toAuthoringError(error)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const EVALUATION = /Failed to (?:evaluate|finish) [^:]*: (?:Failed to [^:]*: )?(?:Error: )?/

// The tool runs the script's top level; what that throws is the author's to mend, everything else is the tool's.
function toAuthoringError(cause: unknown): AuthoringError {
  const text = cause instanceof Error ? cause.message : String(cause)
  const differ = /The actions differ: (\{.*\})/.exec(text)?.[1]
  if (differ !== undefined) {
    const { missing, undeclared } = JSON.parse(differ) as Record<'missing' | 'undeclared', string[]>
    return actionsDiffer(missing, undeclared)
  }
  if (EVALUATION.test(text)) {
    const message = text
      .slice(text.search(EVALUATION))
      .replace(EVALUATION, '')
      .split('\n')[0] as string
    return new AuthoringError(
      'ERR_AUTHORING_SOURCE_INVALID',
      `Cannot load the extension: its top level threw ${message}`,
      { diagnostics: [{ severity: 'error', message, file: null, line: null, column: null }] },
      { cause },
    )
  }
  return new AuthoringError(
    'ERR_AUTHORING_TOOL_FAILED',
    `componentize-qjs failed: ${text}`,
    { tool: 'componentize-qjs' },
    { cause },
  )
}
