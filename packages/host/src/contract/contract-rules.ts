import type { PermissionKind } from '@morphee/manifest'

/** Where a function of the contract is answered, and what it takes to be allowed. */
export interface ContractFunctionRule {
  /** `worker`: beside the guest, from facts sent along with the call. `host`: an effect, asked for over the port. */
  readonly place: 'worker' | 'host'
  /** The permission whose presence lets a component import the function; absent for what is always allowed. */
  readonly permission?: PermissionKind
}

/** Every function that an extension may import in this version of the host: all that the contract has. */
export const CONTRACT_RULES: Readonly<Record<string, ContractFunctionRule>> = {
  'invocation#id': { place: 'worker' },
  'invocation#caller': { place: 'worker' },
  'invocation#locale': { place: 'worker' },
  'invocation#time-zone': { place: 'worker' },
  'invocation#remaining-ms': { place: 'worker' },
  'invocation#progress': { place: 'worker' },
  'log#write': { place: 'worker' },
  'clock#now': { place: 'worker' },
  'clock#monotonic': { place: 'worker' },
  'random#bytes': { place: 'worker' },
  'config#get': { place: 'worker' },
  'http#read': { place: 'host', permission: 'http:read' },
  'http#read-all': { place: 'host', permission: 'http:read' },
  'http#write': { place: 'host', permission: 'http:write' },
  'vault#get': { place: 'host', permission: 'vault:read' },
  'vault#set': { place: 'host', permission: 'vault:write' },
  'vault#delete': { place: 'host', permission: 'vault:write' },
  'storage#get': { place: 'host', permission: 'storage:read' },
  'storage#keys': { place: 'host', permission: 'storage:read' },
  'storage#set': { place: 'host', permission: 'storage:write' },
  'storage#delete': { place: 'host', permission: 'storage:write' },
  'data#get': { place: 'host', permission: 'data:read' },
  'data#query': { place: 'host', permission: 'data:read' },
  'data#create': { place: 'host', permission: 'data:write' },
  'data#update': { place: 'host', permission: 'data:write' },
  'data#delete': { place: 'host', permission: 'data:write' },
  'events#emit': { place: 'host', permission: 'event:emit' },
}
