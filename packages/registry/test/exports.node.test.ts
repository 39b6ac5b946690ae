import * as registry from '@morphee/registry'
import * as registryNode from '@morphee/registry/node'
import { expect, test } from 'vitest'

test('@morphee/registry exports exactly these names', () => {
  expect(Object.keys(registry).sort()).toMatchInlineSnapshot(`
    [
      "ANNOTATIONS",
      "MEDIA_TYPES",
      "RegistryError",
      "createArtifactDocuments",
      "createMemoryCache",
      "createRegistryClient",
      "formatReference",
      "isReferrersTag",
      "isTag",
      "parseArtifactManifest",
      "parseReference",
      "publishArtifact",
      "pullVerified",
      "referrersTag",
      "transportFromEgress",
    ]
  `)
})

test('@morphee/registry/node exports exactly these names', () => {
  expect(Object.keys(registryNode).sort()).toMatchInlineSnapshot(`
    [
      "createDirectoryCache",
      "createDockerCredentials",
      "dockerConfigPaths",
    ]
  `)
})
