import type { InvokeRequest, InvokeResult } from '../invocation/invoke-request.ts'
import type { ActionDescription } from './runtime.ts'

/** One extension as callers see it. */
export interface InterfaceDescription {
  /** `publisher/name`. */
  readonly extension: string
  readonly version: string
  readonly title: string
  readonly actions: readonly ActionDescription[]
}

/**
 * Everything that can be called in a workspace: installed and built-in extensions, which look the same from here.
 *
 * Nothing reachable from here grants, approves, installs, connects or configures anything: this is what a model's surface gets,
 * and never the host itself, which `kind` keeps from being taken for one.
 */
export interface InterfaceManager {
  readonly kind: 'interfaces'
  list(workspace: string): Promise<readonly InterfaceDescription[]>
  /** @throws `ERR_HOST_*`: see `invokeLoaded` */
  invoke(request: InvokeRequest): Promise<InvokeResult>
}

/** An {@link InterfaceManager} of two functions and nothing behind them that could be reached. */
export function createInterfaceManager(
  list: InterfaceManager['list'],
  invoke: InterfaceManager['invoke'],
): InterfaceManager {
  return Object.freeze({
    kind: 'interfaces',
    list: Object.freeze((workspace: string) => list(workspace)),
    invoke: Object.freeze((request: InvokeRequest) => invoke(request)),
  })
}
