// The example of packages/component/README.md; test/e2e/examples.test.ts runs it as it stands.
import { Component } from '@morphee/component'

export async function run(bytes: Uint8Array): Promise<unknown> {
  // #region
  const component = await Component.compile(bytes)
  for (const { name } of component.imports) console.log('imports', name)

  const instance = await component.instantiate({
    'morphee:extension/log': {
      write: (level: string, message: string) => console.log(level, message),
    },
  })
  const actions = instance.exports['morphee:extension/actions@0.9.0'] as unknown as {
    invoke(action: string, input: string): string
  }
  const answer = actions.invoke('count', '{"text":"four words in all"}')
  // #endregion
  return JSON.parse(answer)
}
