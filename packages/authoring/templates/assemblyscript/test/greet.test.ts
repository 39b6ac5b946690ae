import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildExtension, openComponent } from '@morphee/authoring'

test('greet says hello by name', async () => {
  const { bytes } = await buildExtension(join(import.meta.dirname, '..'))
  const invoke = await openComponent(bytes)
  assert.deepEqual(await invoke('greet', { name: 'Ada' }), { text: 'Hello, Ada' })
})
