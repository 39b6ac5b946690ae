import {
  type AccessRequest,
  minimisePermissions,
  type Permission,
  type PermissionKind,
  permissionsAllow,
  permissionsCover,
  type UsedAccess,
} from '@morphee/manifest'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const API = 'https://acme.atlassian.net/rest/api/3'
const http = (permission: PermissionKind, method: string, url: string): UsedAccess => ({
  permission,
  request: { kind: 'http', method, url },
})
const get = (path: string): UsedAccess => http('http:read', 'GET', `${API}${path}`)

it('minimisePermissions() drops what was not used and narrows what was', () => {
  const asked: Permission[] = [
    { kind: 'http:read', urls: [`${API}/**`] },
    { kind: 'http:write', urls: [`${API}/issue/**`] },
    { kind: 'storage:read' },
    { kind: 'storage:write' },
    { kind: 'data:read', collections: ['*'] },
  ]
  const used: UsedAccess[] = [
    get('/issue/ACME-1'),
    get('/issue/ACME-2/comment'),
    get('/myself'),
    http('http:write', 'POST', `${API}/issue`),
    http('http:write', 'PUT', `${API}/issue/ACME-7`),
    { permission: 'storage:read', request: { kind: 'storage', access: 'read' } },
    { permission: 'data:read', request: { kind: 'data', access: 'read', collection: 'tasks' } },
  ]
  expect(minimisePermissions(asked, used)).toEqual([
    { kind: 'http:read', urls: [`${API}/issue/*`, `${API}/issue/*/comment`, `${API}/myself`] },
    { kind: 'http:write', urls: [`${API}/issue`, `${API}/issue/*`] },
    { kind: 'storage:read' },
    { kind: 'data:read', collections: ['tasks'] },
  ])
})

it('minimisePermissions() stars a place of a path that had many names', () => {
  const asked: Permission[] = [{ kind: 'http:read', urls: ['https://a.example/**'] }]
  const used = ['ada', 'bob', 'cyd', 'dan'].map((name) =>
    http('http:read', 'GET', `https://a.example/people/${name}/tasks`),
  )
  expect(minimisePermissions(asked, used.slice(1))).toEqual([
    {
      kind: 'http:read',
      urls: ['bob', 'cyd', 'dan'].map((name) => `https://a.example/people/${name}/tasks`),
    },
  ])
  expect(minimisePermissions(asked, used)).toEqual([
    { kind: 'http:read', urls: ['https://a.example/people/*/tasks'] },
  ])
})

it('minimisePermissions() keeps the operations that were used and counts no GET for them', () => {
  const search = { method: 'POST', url: 'https://a.example/search' } as const
  const graphql = { method: 'POST', url: 'https://a.example/graphql', graphql: 'query' } as const
  const asked: Permission[] = [
    { kind: 'http:read', urls: ['https://a.example/items/**'], operations: [search, graphql] },
  ]
  const keeps = (url: string): unknown =>
    minimisePermissions(asked, [http('http:read', 'POST', url)])
  expect(keeps(search.url)).toEqual([{ kind: 'http:read', urls: [], operations: [search] }])
  expect(keeps(graphql.url)).toEqual([{ kind: 'http:read', urls: [], operations: [graphql] }])
  expect(keeps('https://a.example/items/1')).toEqual([])
})

it('minimisePermissions() allows all that was used and nothing that was not asked for', () => {
  const segment = fc.constantFrom('a', 'b', 'c', 'd', 'e', '1', 'X-12', 'v2')
  const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
  const pattern = fc
    .tuple(fc.array(fc.oneof(segment, fc.constant('*')), { maxLength: 3 }), fc.boolean())
    .map(([segments, tail]) => {
      const text = segments.map((one) => `/${one}`).join('')
      return `https://a.example${tail ? `${text}/**` : text || '/'}`
    })
  fc.assert(
    fc.property(
      fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }),
      fc.array(path, { maxLength: 20 }),
      (urls, paths) => {
        const asked: Permission[] = [{ kind: 'http:read', urls }]
        const requests = paths.map((one): AccessRequest => ({
          kind: 'http',
          method: 'GET',
          url: `https://a.example${one}`,
        }))
        const proposal = minimisePermissions(
          asked,
          requests.map((request) => ({ permission: 'http:read', request })),
        )
        expect(permissionsCover(asked, proposal)).toBe(true)
        for (const request of requests)
          expect(permissionsAllow(proposal, request)).toBe(permissionsAllow(asked, request))
      },
    ),
  )
})
