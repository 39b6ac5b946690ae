/** Puts entries into the cache named by its argument until it is killed; prints a line for each that is kept. */
import { encodeUtf8 } from '@morphee/core'
import { createDirectoryCache } from '@morphee/registry/node'

const cache = await createDirectoryCache(process.argv[2] as string)
for (let i = 0; i < 100_000; i++) {
  const digest = await cache.put(encodeUtf8(`${process.pid} ${i} ${'x'.repeat(200_000)}`))
  process.stdout.write(`${digest}\n`)
}
