import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { embedArtifact } from '@morphee/manifest'
import { AuthoringError } from '../errors.ts'
import { checkEvidence } from '../evidence/check-evidence.ts'
import { importsOf } from '../evidence/imports-of.ts'
import { permittedFunctions } from '../evidence/permission-of-function.ts'
import { toolchainOf } from '../project/language.ts'
import { readManifest } from '../project/read-manifest.ts'
import type { Step } from '../toolchains/toolchain.ts'
import type { BuildOptions, BuildResult } from './build-result.ts'
import { reportSections } from './section-report.ts'

/** Bytes that an artifact may have. Hosts refuse larger ones before they look inside. */
export const MAX_ARTIFACT_BYTES: number = 50 * 1024 * 1024

/**
 * Builds the extension in `dir`: source and `extension.yaml` to one `.wasm` with the manifest embedded.
 *
 * The component's world is made from the manifest, so its imports are evidence: code that calls what the manifest does not
 * ask for is refused, and so is a manifest that asks for what the code never calls. Nothing is written unless all is well.
 *
 * @throws {@link AuthoringError} `ERR_AUTHORING_MANIFEST_MISSING`, `ERR_AUTHORING_LANGUAGE_UNKNOWN`, `ERR_AUTHORING_SDK_MISSING`,
 * `ERR_AUTHORING_SOURCE_INVALID`, `ERR_AUTHORING_ACTIONS_DIFFER`, `ERR_AUTHORING_PERMISSION_MISSING`,
 * `ERR_AUTHORING_PERMISSION_UNUSED`, `ERR_AUTHORING_IMPORT_FOREIGN`, `ERR_AUTHORING_TOO_LARGE`, `ERR_AUTHORING_TOOL_FAILED`;
 * `ManifestError` `ERR_MANIFEST_INVALID`
 */
export async function buildExtension(
  dir: string,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const folder = resolve(dir)
  const durationMs: Record<string, number> = {}
  const step: Step = async (name, work) => {
    options.onProgress?.(name)
    const start = performance.now()
    try {
      return await work()
    } finally {
      durationMs[name] = performance.now() - start
    }
  }
  const manifest = await step('manifest', () => readManifest(folder))
  const toolchain = await toolchainOf(folder)
  const permitted = permittedFunctions(manifest)
  const { component, diagnostics } = await toolchain.compile({
    dir: folder,
    manifest,
    permitted,
    step,
    ...(options.maxLoadMs === undefined ? {} : { maxLoadMs: options.maxLoadMs }),
  })
  // The toolchain has looked at the source; what counts, here and at install, is the binary.
  const imports = checkEvidence(manifest, await step('inspect', () => importsOf(component)))
  const bytes = await step('embed', async () => Uint8Array.from(embedArtifact(component, manifest)))
  if (bytes.length > MAX_ARTIFACT_BYTES) {
    throw new AuthoringError(
      'ERR_AUTHORING_TOO_LARGE',
      `The extension has ${bytes.length} bytes, and hosts take ${MAX_ARTIFACT_BYTES}`,
      { limit: MAX_ARTIFACT_BYTES, actual: bytes.length },
    )
  }
  const file = resolve(options.out ?? join(folder, 'build', `${shortName(manifest.name)}.wasm`))
  await step('write', () => writeWhole(file, bytes))
  return {
    bytes,
    file,
    manifest,
    language: toolchain.language,
    componentSize: component.length,
    imports,
    sections: reportSections(bytes),
    durationMs,
    diagnostics,
  }
}

function shortName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

// Whoever reads the file while a build runs finds the old one or the new one.
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const part = `${file}.${process.pid}.part`
  await writeFile(part, bytes)
  await rename(part, file)
}
