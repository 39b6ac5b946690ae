// The README's example; test/e2e/examples.test.ts runs it as it stands.
import { createDevelopmentHost } from '@morphee/host/node'
import { readFile } from 'node:fs/promises'

export async function countWords(file: string, home: string): Promise<unknown> {
  // #region
  await using host = await createDevelopmentHost({ home })
  const person = { workspace: 'personal', principal: { kind: 'person', id: 'ada' } } as const

  const candidate = await host.admitUnsigned(await readFile(file))
  const { authorityDigest, permissions } = await host.propose('personal', candidate, {})
  // Show `permissions` to a person here. Their yes names exactly this authority:
  const grant = {
    entries: permissions.map((permission) => ({ permission, answer: 'allow' as const })),
  }
  const consent = { authorityDigest, grant, surface: 'terminal' }
  await host.install({ ...person, candidate, config: {}, consent })

  const input = { text: 'How many words are these?' }
  const { output } = await host.invoke({
    ...person,
    extension: 'acme/word-count',
    action: 'count',
    input,
  })
  // #endregion
  return output
}
