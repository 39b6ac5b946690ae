import { readArtifact } from '@morphee/manifest'
import { formatReference, parseReference, publishArtifact, pullVerified } from '@morphee/registry'
import { signDescriptor, verifyArtifact, verifyBlob } from '@morphee/signing'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import type { CliContext } from '../context.ts'
import { RefusedError } from '../refusal.ts'
import { locateSource } from '../source.ts'
import { openSigners } from './sign.ts'

/** `publish FILE REFERENCE` and `verify FILE|REFERENCE`. */
export function addPublishCommands({ program, withContext }: CommandSetup): void {
  program
    .command('publish <file> <repository>')
    .description('sign a built file and push it to a registry; the tag is its version')
    .requiredOption(
      '--key <publisher>',
      'key of this publisher in the key directory, or the path of a key file',
    )
    .action((file: string, repository: string, options: { key: string }) =>
      withContext((context) => publish(context, file, repository, options.key)),
    )

  program
    .command('verify <source>')
    .description(
      'prove who signed a file or a registry reference, step by step, without installing it',
    )
    .action((source: string) => withContext((context) => verify(context, source)))
}

async function publish(
  context: CliContext,
  file: string,
  repository: string,
  key: string,
): Promise<void> {
  const { terminal, environment } = context
  const wasm = new Uint8Array(await readFile(resolve(environment.cwd, file)))
  const { manifest } = readArtifact(wasm)
  const target = parseReference(repository)
  const signers = await openSigners(context, key, manifest.name)
  const epoch = environment.variables['SOURCE_DATE_EPOCH']
  terminal.note(
    `publishing ${manifest.name} ${manifest.version} to ${target.registry}/${target.repository}`,
  )
  const published = await publishArtifact({
    client: context.registryClient(),
    reference: target.tag === undefined ? { ...target, tag: manifest.version } : target,
    wasm,
    facts: {
      name: manifest.name,
      version: manifest.version,
      title: manifest.title,
      ...(manifest.description === undefined ? {} : { description: manifest.description }),
      ...(manifest.license === undefined ? {} : { licenses: manifest.license }),
    },
    created:
      epoch !== undefined && /^\d+$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date(),
    signDescriptor: ({ annotations, ...descriptor }) =>
      // A large key signs twice: once as this project's specification wants it, once as notation does.
      Promise.all(
        signers.map((signer) =>
          signDescriptor(descriptor, signer, {
            signingTime: Date.now(),
            ...(annotations === undefined ? {} : { annotations }),
          }),
        ),
      ),
  })
  terminal.print(`${terminal.good('✓')} ${formatReference(published.reference)}`)
  terminal.result({
    reference: formatReference(published.reference),
    manifestDigest: published.manifestDigest,
    wasmDigest: published.wasmDigest,
  })
}

async function verify(context: CliContext, source: string): Promise<void> {
  const { terminal, environment } = context
  const readManifest = (wasm: Uint8Array): { name: string; version: string } => {
    const { manifest } = readArtifact(wasm)
    return { name: manifest.name, version: manifest.version }
  }
  const located = await locateSource(environment.cwd, source)
  const trust = await context.trust.read()
  const common = { readManifest, asked: {}, trust, now: Date.now() }
  let verified
  if ('path' in located) {
    const envelope = await readFile(`${located.path}.jws.sig`).catch(() => undefined)
    if (envelope === undefined)
      throw new RefusedError(
        `Not verified: "${source}" has no signature beside it ("${source}.jws.sig")`,
      )
    verified = await verifyBlob({
      ...common,
      wasm: new Uint8Array(await readFile(located.path)),
      envelopes: [envelope],
    })
  } else {
    const pulled = await pullVerified({
      client: context.registryClient(),
      reference: located.reference,
      verify: ({ manifestBytes, digest, envelopes, wasm, scope }) =>
        verifyArtifact({ ...common, manifestBytes, digest, envelopes, wasm, scope }),
    })
    verified = pulled.verified
  }
  for (const { name, detail } of verified.steps)
    terminal.print(`  ${terminal.good('✓')} ${name.padEnd(11)} ${detail}`)
  terminal.print(
    `${terminal.good('✓')} ${verified.name} ${verified.version}, signed by ${verified.publisher}`,
  )
  terminal.result(verified)
}
