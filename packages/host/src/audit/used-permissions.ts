import { type PermissionKind, tryParsePermissionKind, type UsedAccess } from '@morphee/manifest'
import type { AuditLog } from './audit-log.ts'
import type { ListedAuditRecord } from './record.ts'

/** One access that an extension made, with how often. */
export interface PermissionUse extends UsedAccess {
  /** As it was recorded: `GET https://acme.example/items/1`, without the query. */
  readonly target: string
  readonly count: number
  /** Milliseconds since 1970. */
  readonly last: number
}

/** What an extension really did, from the record. */
export interface PermissionUses {
  readonly uses: readonly PermissionUse[]
  /** How many records were read. */
  readonly records: number
  /** Whether there are older records than were read. */
  readonly more: boolean
}

const PAGE = 1000

/** The accesses of `extension` in the audit trail, each once, the most frequent first. At most `limit` records are read, the newest first. */
export async function usedPermissions(
  audit: Pick<AuditLog, 'list'>,
  query: { readonly workspace: string; readonly extension: string; readonly limit?: number },
): Promise<PermissionUses> {
  const { workspace, extension, limit = 100_000 } = query
  const uses = new Map<string, PermissionUse>()
  let records = 0
  let before: number | undefined
  while (records < limit) {
    const page = await audit.list({
      workspace,
      extension,
      limit: Math.min(PAGE, limit - records),
      ...(before === undefined ? {} : { before }),
    })
    for (const record of page) note(uses, record)
    records += page.length
    if (page.length < PAGE) break
    before = page.at(-1)?.seq
  }
  return {
    uses: [...uses.values()].sort((a, b) => b.count - a.count),
    records,
    more: records >= limit,
  }
}

// An intent is written after the decision and before the effect: it stands for an access that was allowed, whatever came of it.
function note(uses: Map<string, PermissionUse>, record: ListedAuditRecord): void {
  if (record.kind !== 'intent' || record.target === undefined) return
  const permission = tryParsePermissionKind(record.capability)
  if (permission === undefined) return
  const request = requestOf(permission, record.target)
  if (request === undefined) return
  const key = `${permission} ${JSON.stringify(request)}`
  const known = uses.get(key)
  uses.set(key, {
    permission,
    request,
    target: record.target,
    count: (known?.count ?? 0) + 1,
    last: Math.max(known?.last ?? 0, record.time),
  })
}

function requestOf(permission: PermissionKind, target: string): UsedAccess['request'] | undefined {
  switch (permission) {
    case 'http:read':
    case 'http:write': {
      const [method = '', url = ''] = target.split(' ')
      return { kind: 'http', method, url }
    }
    case 'storage:read':
      return { kind: 'storage', access: 'read' }
    case 'storage:write':
      return { kind: 'storage', access: 'write' }
    case 'data:read':
      return { kind: 'data', access: 'read', collection: nameIn(target) }
    case 'data:write':
      return { kind: 'data', access: 'write', collection: nameIn(target) }
    case 'vault:read':
      return { kind: 'vault', access: 'read', name: nameIn(target) }
    case 'vault:write':
      return { kind: 'vault', access: 'write', name: nameIn(target) }
    case 'event:emit':
      return { kind: 'event', access: 'emit', topic: nameIn(target) }
    case 'event:subscribe':
      return { kind: 'event', access: 'subscribe', topic: nameIn(target) }
    case 'guest-auth':
      return { kind: 'guest-auth' }
  }
}

/** `tasks/new entry` is about the collection `tasks`. */
function nameIn(target: string): string {
  return target.split('/')[0] as string
}
