import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthoringError } from '../errors.ts'
import { assemblyscript } from '../toolchains/assemblyscript/assemblyscript.ts'
import type { Toolchain } from '../toolchains/toolchain.ts'
import { typescript } from '../toolchains/typescript/typescript.ts'

const TOOLCHAINS: readonly Toolchain[] = [typescript, assemblyscript]
const KNOWN = TOOLCHAINS.map(({ language }) => language)

/** The toolchain of the extension in `dir`: what `package.json` says under `morphee.language`, else the one whose entry is there. */
export async function toolchainOf(dir: string): Promise<Toolchain> {
  const said = await saidLanguage(dir)
  if (said !== undefined) {
    const found = TOOLCHAINS.find(({ language }) => language === said)
    if (found === undefined)
      throw unknownLanguage(`"${said}" is no language that this build knows`, said)
    return found
  }
  for (const toolchain of TOOLCHAINS) if (await exists(join(dir, toolchain.entry))) return toolchain
  const entries = TOOLCHAINS.map(({ entry }) => entry).join(' nor ')
  throw unknownLanguage(`the folder has neither ${entries}`, null)
}

function unknownLanguage(reason: string, language: string | null): AuthoringError {
  return new AuthoringError('ERR_AUTHORING_LANGUAGE_UNKNOWN', `Cannot build: ${reason}`, {
    language,
    known: KNOWN,
  })
}

async function saidLanguage(dir: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(join(dir, 'package.json'), 'utf8')
  } catch {
    return undefined
  }
  const { morphee } = JSON.parse(text) as { morphee?: { language?: unknown } }
  return typeof morphee?.language === 'string' ? morphee.language : undefined
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
