import { createCodec } from '@morphee/component'
import { CONTRACT } from '../contract/contract.generated.ts'
import { HostError } from '../errors.ts'
import { limitError } from '../invocation/limit-error.ts'
import type { CapabilityContext, CapabilityFunction } from './capability.ts'
import { endsGuest, toGuestFailure } from './failure.ts'
import { dataCreate, dataDelete, dataGet, dataQuery, dataUpdate } from './data.ts'
import type { HostCalls } from './host-calls.ts'
import { httpRead, httpReadAll, httpWrite } from './http.ts'
import { eventsEmit } from './events.ts'
import { storageDelete, storageGet, storageKeys, storageSet } from './storage.ts'
import { vaultDelete, vaultGet, vaultSet } from './vault.ts'

const CAPABILITIES: ReadonlyMap<string, CapabilityFunction> = new Map([
  ['http#read', httpRead],
  ['http#read-all', httpReadAll],
  ['http#write', httpWrite],
  ['vault#get', vaultGet],
  ['vault#set', vaultSet],
  ['vault#delete', vaultDelete],
  ['storage#get', storageGet],
  ['storage#set', storageSet],
  ['storage#delete', storageDelete],
  ['storage#keys', storageKeys],
  ['data#get', dataGet],
  ['data#query', dataQuery],
  ['data#create', dataCreate],
  ['data#update', dataUpdate],
  ['data#delete', dataDelete],
  ['events#emit', eventsEmit],
])

/**
 * The host's side of the door for one invocation.
 *
 * Arguments are decoded with the contract's types, never with the component's. A coded error becomes the guest's failure;
 * anything else is our bug and ends the invocation. Once the invocation is over, every call is refused.
 */
export function createHostCalls(context: CapabilityContext): HostCalls {
  const { invocation } = context
  return {
    async call(name, bytes) {
      invocation.signal.throwIfAborted()
      const capability = CAPABILITIES.get(name)
      const contract = Object.hasOwn(CONTRACT, name) ? CONTRACT[name] : undefined
      if (capability === undefined || contract === undefined || contract.result === null) {
        throw new HostError(
          'ERR_HOST_CONTRACT',
          `Cannot call "${name}": this host has no such function`,
          { problems: [name] },
        )
      }
      if (++invocation.counts.hostCalls > invocation.limits.hostCalls) {
        throw limitError('host-calls', invocation.limits.hostCalls, 'calls', 'made')
      }
      const result = createCodec([contract.result])
      const answers = contract.result.kind === 'result'
      try {
        const value = await capability(context, createCodec(contract.params).decode(bytes))
        return result.encode([answers ? { tag: 'ok', val: value } : value])
      } catch (error) {
        if (!answers || endsGuest(error)) throw error
        return result.encode([{ tag: 'err', val: toGuestFailure(error) }])
      }
    },
  }
}
