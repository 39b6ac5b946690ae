import { createPrivateKey } from 'node:crypto'
import { chmod, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatPem, type Identity } from '@morphee/signing'
import {
  loadSigners,
  PASSPHRASE_VARIABLE,
  readKeyFile,
  writeCertificateFile,
  writeKeyFile,
} from '@morphee/signing/node'
import { beforeAll, expect, test, vi } from 'vitest'
import { newIdentity } from '../signed-extension.ts'
import { temporaryDirectory } from './temporary-directory.ts'

let identity: Identity

beforeAll(async () => {
  identity = await newIdentity()
})

async function keyFile(): Promise<string> {
  const path = join(await temporaryDirectory(), 'acme.key')
  await writeKeyFile(path, identity.pkcs8, 'correct horse')
  return path
}

test('readKeyFile() gives back what writeKeyFile() wrote, readable by its owner only', async () => {
  const path = await keyFile()
  expect(await readKeyFile(path, 'correct horse')).toEqual(identity.pkcs8)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('writeKeyFile() writes what OpenSSL reads, with 600,000 iterations and without the key in the clear', async () => {
  const pem = await readFile(await keyFile(), 'utf8')
  expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/)
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  expect(der.includes(Buffer.from([0x02, 0x03, 0x09, 0x27, 0xc0]))).toBe(true)
  expect(der.includes(identity.pkcs8.subarray(100, 140))).toBe(false)
  expect(createPrivateKey({ key: pem, passphrase: 'correct horse' }).asymmetricKeyType).toBe('rsa')
})

test('writeKeyFile() uses a new salt each time', async () => {
  expect(await readFile(await keyFile())).not.toEqual(await readFile(await keyFile()))
})

test('writeKeyFile() does not overwrite', async () => {
  const path = await keyFile()
  await expect(writeKeyFile(path, identity.pkcs8, 'x')).rejects.toThrowCode(
    'ERR_SIGNING_FILE_EXISTS',
  )
})

test('readKeyFile() refuses a wrong passphrase', async () => {
  await expect(readKeyFile(await keyFile(), 'battery staple')).rejects.toThrowCode(
    'ERR_SIGNING_PASSPHRASE',
  )
})

test('readKeyFile() takes the passphrase from the environment, and refuses to do without', async () => {
  const path = await keyFile()
  vi.stubEnv(PASSPHRASE_VARIABLE, 'correct horse')
  expect(await readKeyFile(path)).toEqual(identity.pkcs8)
  vi.stubEnv(PASSPHRASE_VARIABLE, '')
  await expect(readKeyFile(path)).rejects.toThrowCode('ERR_SIGNING_PASSPHRASE')
  vi.unstubAllEnvs()
})

for (const mode of [0o640, 0o604, 0o620, 0o602, 0o666]) {
  test(`readKeyFile() refuses a key file with mode ${mode.toString(8)}`, async () => {
    const path = await keyFile()
    await chmod(path, mode)
    await expect(readKeyFile(path, 'correct horse')).rejects.toThrowCode('ERR_SIGNING_KEY_EXPOSED')
  })
}

test('readKeyFile() refuses a symbolic link', async () => {
  const path = await keyFile()
  await symlink(path, `${path}.link`)
  await expect(readKeyFile(`${path}.link`, 'correct horse')).rejects.toThrowCode(
    'ERR_SIGNING_KEY_INVALID',
  )
})

const contents: Readonly<Record<string, () => string>> = {
  'a key in the clear': () => formatPem('PRIVATE KEY', identity.pkcs8),
  nothing: () => '',
  'a certificate': () => formatPem('CERTIFICATE', identity.chainDer[0]),
  'too much': () => 'x'.repeat(70_000),
}
for (const [what, content] of Object.entries(contents)) {
  test(`readKeyFile() refuses a file that holds ${what}`, async () => {
    const path = join(await temporaryDirectory(), 'acme.key')
    await writeFile(path, content(), { mode: 0o600 })
    await expect(readKeyFile(path, 'correct horse')).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
  })
}

test('readKeyFile() refuses a directory and a file that is not there', async () => {
  const directory = await temporaryDirectory()
  await expect(readKeyFile(directory, 'x')).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
  await expect(readKeyFile(join(directory, 'none'), 'x')).rejects.toThrowCode(
    'ERR_SIGNING_KEY_INVALID',
  )
})

test('loadSigners() reads key and certificate, and refuses a file that holds none', async () => {
  const path = await keyFile()
  const certificateFile = `${path}.crt`
  await writeCertificateFile(certificateFile, identity.chainDer)
  const again = writeCertificateFile(certificateFile, identity.chainDer)
  await expect(again).rejects.toThrowCode('ERR_SIGNING_FILE_EXISTS')
  const signers = await loadSigners({ keyFile: path, certificateFile, passphrase: 'correct horse' })
  expect(signers.map(({ algorithm }) => algorithm)).toEqual(['PS256'])
  await expect(
    loadSigners({ keyFile: path, certificateFile: path, passphrase: 'correct horse' }),
  ).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
})
