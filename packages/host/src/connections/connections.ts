import { type Clock, createId, type Id, type JsonObject } from '@morphee/core'
import type { AuditLog } from '../audit/index.ts'
import { HostError } from '../errors.ts'
import { formatPrincipal, personBehind, type Principal } from '../invocation/principal.ts'
import type { Row, Store, Transaction } from '../store/index.ts'
import type { Vault } from '../vault/index.ts'

/** Whose a connection is: one person's, or the workspace's. */
export type ConnectionOwner = `person:${string}` | 'shared'

/** A credential that somebody entered for an installation. The secret is elsewhere. */
export interface Connection {
  readonly id: Id<'connection'>
  readonly credential: string
  readonly owner: ConnectionOwner
  /** Milliseconds since 1970. */
  readonly connectedAt: number
}

/** Where connections belong. */
export interface ConnectionScope {
  readonly workspace: string
  readonly extension: string
  /** Id of the installation. */
  readonly installation: string
}

/** What {@link Connections} works with. */
export interface ConnectionServices {
  readonly store: Store
  readonly vault: Vault
  readonly audit: AuditLog
  readonly clock: Clock
}

interface ConnectionRow extends Row {
  readonly id: string
  readonly credential: string
  readonly owner: string
  readonly connected_at: number
}

/**
 * Connections of installations: personal ones serve calls for their owner, shared ones everybody's, automation's too.
 *
 * A new secret is a new connection with a new id, so that what was approved with the old one is asked again.
 */
export class Connections {
  readonly #services: ConnectionServices

  constructor(services: ConnectionServices) {
    this.#services = services
  }

  /** The connections of an installation, by credential. */
  async list({
    workspace,
    installation,
  }: Omit<ConnectionScope, 'extension'>): Promise<Connection[]> {
    const rows = await this.#services.store.read<ConnectionRow>(
      'SELECT id, credential, owner, connected_at FROM connection WHERE workspace = ? AND installation = ? ORDER BY credential, owner',
      [workspace, installation],
    )
    return rows.map(toConnection)
  }

  /**
   * Keeps the fields of a credential as a connection of `principal`, or of the whole workspace, in place of the one before.
   *
   * @throws `ERR_HOST_ARGUMENT` when it is no person who connects, `ERR_VAULT_*`
   */
  async connect(
    scope: ConnectionScope,
    principal: Principal,
    credential: string,
    fields: JsonObject,
    shared: boolean,
  ): Promise<Connection> {
    const { workspace, extension, installation } = scope
    if (principal.kind !== 'person') {
      throw new HostError(
        'ERR_HOST_ARGUMENT',
        `Cannot connect "${extension}": credentials are entered by a person`,
        { argument: 'principal', accepted: 'a person' },
      )
    }
    const { store, vault, audit, clock } = this.#services
    const connection: Connection = {
      id: createId('connection'),
      credential,
      owner: shared ? 'shared' : `person:${principal.id}`,
      connectedAt: clock.now(),
    }
    const intent = await audit.intent({
      workspace,
      principal: formatPrincipal(principal),
      extension,
      capability: 'connect',
      target: credential,
      details: { owner: connection.owner, connection: connection.id },
    })
    try {
      await vault.put({ workspace, owner: connection.id }, credential, fields)
      const before = (await this.list(scope)).find(
        (one) => one.credential === credential && one.owner === connection.owner,
      )
      const forget = before && (await vault.prepareClear({ workspace, owner: before.id }))
      await store.transaction(async (tx) => {
        await tx.run(
          'DELETE FROM connection WHERE installation = ? AND credential = ? AND owner = ?',
          [installation, credential, connection.owner],
        )
        await forget?.(tx)
        await tx.run(
          'INSERT INTO connection (id, workspace, installation, credential, owner, connected_at) VALUES (?, ?, ?, ?, ?, ?)',
          [
            connection.id,
            workspace,
            installation,
            credential,
            connection.owner,
            connection.connectedAt,
          ],
        )
      })
    } catch (error) {
      await audit.outcome(intent, { decision: 'failed' })
      throw error
    }
    await audit.outcome(intent, { decision: 'done' })
    return connection
  }

  /** Forgets a connection with its secret; `false` when there is none of this owner. */
  async disconnect(
    scope: ConnectionScope,
    principal: Principal,
    credential: string,
    owner: ConnectionOwner,
  ): Promise<boolean> {
    const { workspace, extension, installation } = scope
    const found = (await this.list(scope)).find(
      (one) => one.credential === credential && one.owner === owner,
    )
    if (found === undefined) return false
    const forget = await this.#services.vault.prepareClear({ workspace, owner: found.id })
    await this.#services.store.transaction(async (tx) => {
      await tx.run('DELETE FROM connection WHERE id = ? AND installation = ?', [
        found.id,
        installation,
      ])
      await forget(tx)
      await this.#services.audit.eventIn(tx, {
        workspace,
        principal: formatPrincipal(principal),
        extension,
        capability: 'disconnect',
        target: credential,
        details: { owner, connection: found.id },
      })
    })
    return true
  }

  /**
   * The connection that a call of `principal` uses: the person's own before the shared one.
   *
   * @throws `ERR_HOST_CREDENTIAL_MISSING`, and `ERR_HOST_CREDENTIAL_PERSONAL` when there are only other people's
   */
  async find(
    { workspace, installation, extension }: ConnectionScope,
    principal: Principal,
    credential: string,
  ): Promise<Connection> {
    const all = (await this.list({ workspace, installation })).filter(
      (one) => one.credential === credential,
    )
    const person = personBehind(principal)
    const own = person === undefined ? undefined : `person:${person}`
    const found =
      all.find(({ owner }) => owner === own) ?? all.find(({ owner }) => owner === 'shared')
    if (found !== undefined) return found
    if (all.length > 0) throw personalOnly(extension, credential, principal)
    throw new HostError(
      'ERR_HOST_CREDENTIAL_MISSING',
      `Cannot sign in: nobody has entered credential "${credential}"`,
      { credential },
    )
  }

  /** The secret fields of a connection; `undefined` when it was replaced or forgotten. */
  async read(workspace: string, { id, credential }: Connection): Promise<JsonObject | undefined> {
    const fields = await this.#services.vault.get({ workspace, owner: id }, credential)
    return fields as JsonObject | undefined
  }

  /** The step that forgets every connection of an installation, committed with the caller's own change. */
  async prepareForget(
    workspace: string,
    installation: string,
  ): Promise<(tx: Transaction) => Promise<void>> {
    const { vault } = this.#services
    const steps = await Promise.all(
      (await this.list({ workspace, installation })).map(({ id }) =>
        vault.prepareClear({ workspace, owner: id }),
      ),
    )
    return async (tx) => {
      for (const step of steps) await step(tx)
      // One that was made meanwhile goes too; without its row nobody finds its secret.
      await tx.run('DELETE FROM connection WHERE workspace = ? AND installation = ?', [
        workspace,
        installation,
      ])
    }
  }
}

function toConnection(row: ConnectionRow): Connection {
  return {
    id: row.id as Id<'connection'>,
    credential: row.credential,
    owner: row.owner as ConnectionOwner,
    connectedAt: Number(row.connected_at),
  }
}

function personalOnly(
  extension: string,
  credential: string,
  principal: Principal,
): HostError<'ERR_HOST_CREDENTIAL_PERSONAL'> {
  const caller = principal.kind === 'automation' ? 'automation' : 'another person'
  const accepted =
    principal.kind === 'automation'
      ? 'a shared connection'
      : "the caller's own connection, or a shared one"
  return new HostError(
    'ERR_HOST_CREDENTIAL_PERSONAL',
    `Cannot sign in to "${extension}" for ${caller}: credential "${credential}" is personal; accepted is ${accepted}`,
    { credential, caller, accepted },
  )
}
