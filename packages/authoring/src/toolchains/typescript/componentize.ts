import { fork } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthoringError } from '../../errors.ts'
import { actionsDiffer } from '../check-actions.ts'
import type { ComponentizeAnswer, ComponentizeOrder } from './componentize-process.ts'

/** What a script's top level may take, on a slow machine and with the tool's own second. */
const DEADLINE_MS = 60_000

/** Puts a script into QuickJS and both into a component. The script's top level runs here, once, without a host. */
export async function componentizeScript(
  script: string,
  world: string,
  deadlineMs: number = DEADLINE_MS,
): Promise<Uint8Array> {
  // The tool takes its WIT from a file only.
  const dir = await mkdtemp(join(tmpdir(), 'morphee-build-'))
  try {
    const witPath = join(dir, 'extension.wit')
    await writeFile(witPath, world)
    const answer = await ask({ witPath, script }, deadlineMs)
    if ('failure' in answer) throw toAuthoringError(answer.failure)
    return answer.component
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

// The tool is native code: a top level that never returns can be stopped only together with its process.
async function ask(order: ComponentizeOrder, deadlineMs: number): Promise<ComponentizeAnswer> {
  const file = `./componentize-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`
  const child = fork(new URL(file, import.meta.url), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<ComponentizeAnswer>((resolve, reject) => {
      timer = setTimeout(() => reject(endless(deadlineMs)), deadlineMs)
      child.once('message', (answer) => resolve(answer as ComponentizeAnswer))
      child.once('error', (error) => reject(toAuthoringError(error.message)))
      child.once('exit', (code, signal) =>
        reject(toAuthoringError(`it ended with ${signal ?? `exit code ${code}`}`)),
      )
      child.send(order)
    })
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
  }
}

function endless(deadlineMs: number): AuthoringError {
  const message = `did not return within ${deadlineMs / 1000} s`
  return sourceInvalid(`Cannot load the extension: its top level ${message}`, message)
}

const EVALUATION = /Failed to (?:evaluate|finish) [^:]*: (?:Failed to [^:]*: )?(?:Error: )?/

// The tool runs the script's top level; what that throws is the author's to mend, everything else is the tool's.
function toAuthoringError(text: string): AuthoringError {
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
    return sourceInvalid(`Cannot load the extension: its top level threw: ${message}`, message)
  }
  return new AuthoringError('ERR_AUTHORING_TOOL_FAILED', `componentize-qjs failed: ${text}`, {
    tool: 'componentize-qjs',
  })
}

function sourceInvalid(text: string, message: string): AuthoringError {
  return new AuthoringError('ERR_AUTHORING_SOURCE_INVALID', text, {
    diagnostics: [{ severity: 'error', message, file: null, line: null, column: null }],
  })
}
