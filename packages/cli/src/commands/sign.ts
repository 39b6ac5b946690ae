import { cleanLine } from '@morphee/core'
import { readArtifact } from '@morphee/manifest'
import {
  generateIdentity,
  type KeyBits,
  signBlob,
  type Signer,
  SigningError,
  tryParseCertificate,
} from '@morphee/signing'
import {
  loadSigners,
  PASSPHRASE_VARIABLE,
  writeCertificateFile,
  writeKeyFile,
} from '@morphee/signing/node'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'
import { askPassphrase } from '../terminal/ask-passphrase.ts'

/** `keygen` and `sign`. */
export function addSignCommands({ program, withContext }: CommandSetup): void {
  program
    .command('keygen <publisher>')
    .description('make a signing key with a self-signed certificate')
    .requiredOption('--organization <name>', 'who signs, as the certificate says it')
    .option('--country <code>', 'two letters', 'DE')
    .option('--state <name>', 'state or province', 'Berlin')
    .option('--bits <bits>', '2048, 3072 or 4096', '2048')
    .option('--days <days>', 'how long the certificate is valid', '365')
    .option('--out <dir>', 'where to put it (default: keys in the data directory)')
    .addHelpText(
      'after',
      `\nThe key file is encrypted; its passphrase is asked for, or taken from ${PASSPHRASE_VARIABLE}.`,
    )
    .action((publisher: string, options: KeygenOptions) =>
      withContext((context) => keygen(context, publisher, options)),
    )

  program
    .command('sign <file>')
    .description('sign a built file; the signature is put beside it as <file>.jws.sig')
    .requiredOption(
      '--key <publisher>',
      'key of this publisher in the key directory, or the path of a key file',
    )
    .action((file: string, options: { key: string }) =>
      withContext(async (context) => {
        const { terminal, environment } = context
        const path = resolve(environment.cwd, file)
        const bytes = new Uint8Array(await readFile(path))
        const { manifest } = readArtifact(bytes)
        const [signer] = await openSigners(context, options.key, manifest.name)
        const envelope = await signBlob(bytes, signer, {
          signingTime: Date.now(),
        })
        await writeFile(`${path}.jws.sig`, envelope)
        terminal.print(`${terminal.good('✓')} signed ${file}; the signature is ${file}.jws.sig`)
        terminal.result({ file, signature: `${file}.jws.sig`, algorithm: signer.algorithm })
      }),
    )
}

interface KeygenOptions {
  readonly organization: string
  readonly country: string
  readonly state: string
  readonly bits: string
  readonly days: string
  readonly out?: string
}

async function keygen(
  context: CliContext,
  publisher: string,
  options: KeygenOptions,
): Promise<void> {
  const { terminal, environment } = context
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(publisher))
    throw new UsageError(
      `"${publisher}" is no publisher: lower-case letters, digits and single hyphens`,
    )
  const bits = Number(options.bits)
  const days = Number(options.days)
  if (![2048, 3072, 4096].includes(bits)) throw new UsageError('--bits takes 2048, 3072 or 4096')
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new UsageError('--days takes a whole number from 1 to 3650')
  const directory =
    options.out === undefined ? context.keyDirectory : resolve(environment.cwd, options.out)
  const keyFile = join(directory, `${publisher}.key`)
  const certificateFile = join(directory, `${publisher}.crt`)
  // Said before the passphrase is asked for; writing refuses it again.
  for (const file of [keyFile, certificateFile])
    if (existsSync(file))
      throw new RefusedError(
        `No key was made: "${file}" is there already; name another folder with --out`,
      )
  const passphrase = await askPassphrase(context, 'Passphrase for the new key', true)
  const identity = await generateIdentity({
    subject: {
      country: options.country,
      state: options.state,
      organization: options.organization,
      commonName: publisher,
    },
    now: Date.now(),
    days,
    bits: bits as KeyBits,
  })
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeKeyFile(keyFile, identity.pkcs8, passphrase)
  await writeCertificateFile(certificateFile, identity.chainDer)
  terminal.print(
    `${terminal.good('✓')} key ${identity.keyId.slice(0, 16)}… of publisher ${publisher}`,
  )
  terminal.print(`  ${keyFile}  (encrypted; keep it)`)
  terminal.print(`  ${certificateFile}  (give it to those who are to trust you)`)
  terminal.note(
    `→ On a host that should trust it: ${context.commandLine.spell(`trust add ${certificateFile} --publisher ${publisher}`)}`,
  )
  terminal.result({ publisher, keyId: identity.keyId, keyFile, certificateFile })
}

/**
 * The signers of a publisher's key, by its name in the key directory or by path, for the extension `name`.
 *
 * @throws `ERR_SIGNING_PUBLISHER` when the key that was named is another publisher's: nobody would take the signature
 */
export async function openSigners(
  context: CliContext,
  key: string,
  name: string,
): Promise<Awaited<ReturnType<typeof loadSigners>>> {
  const isPath = key.includes('/') || key.endsWith('.key')
  const keyFile = isPath
    ? resolve(context.environment.cwd, key)
    : join(context.keyDirectory, `${key}.key`)
  if (!existsSync(keyFile))
    throw new UsageError(
      isPath
        ? `There is no key file "${key}"`
        : `There is no key of publisher "${key}"; make one: ${context.commandLine.spell(`keygen ${key} --organization NAME`)}`,
    )
  const publisher = name.split('/')[0] as string
  if (!isPath && key !== publisher) throw otherPublisher(name, key)
  const signers = await loadSigners({
    keyFile,
    certificateFile: keyFile.replace(/\.key$/, '.crt'),
    passphrase: await askPassphrase(context, 'Passphrase of the key', false),
  })
  const owner = await commonName(signers[0])
  // Only a warning: whose key it is, each host says for itself, and the certificate may come from an authority with other names.
  if (owner !== publisher) {
    const { terminal } = context
    const { code } = otherPublisher(name, owner)
    terminal.note(
      `${terminal.warn('Warning:')} the certificate is made out to "${cleanLine(owner, 100)}"; a host takes "${name}" only from a key that it trusts as "${publisher}"  ${terminal.dim(`[${code}]`)}`,
    )
  }
  return signers
}

function otherPublisher(name: string, owner: string): SigningError<'ERR_SIGNING_PUBLISHER'> {
  const [publisher = ''] = name.split('/')
  return new SigningError(
    'ERR_SIGNING_PUBLISHER',
    `Cannot sign "${name}" with the key of "${owner}": a key of "${publisher}" is accepted`,
    { step: 'publisher', reason: 'The key is of another publisher than the name' },
  )
}

// `keygen` makes certificates out to the publisher.
async function commonName({ chainDer }: Signer): Promise<string> {
  const certificate = await tryParseCertificate(chainDer[0] as Uint8Array<ArrayBuffer>)
  return certificate?.subject.find(({ type }) => type === 'CN')?.value ?? ''
}
