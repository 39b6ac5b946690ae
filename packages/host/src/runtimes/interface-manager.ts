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
 * Nothing reachable from here grants, approves, installs or configures anything.
 */
export interface InterfaceManager {
  list(workspace: string): Promise<readonly InterfaceDescription[]>
  /** @throws `ERR_HOST_*`: see `invokeLoaded` */
  invoke(request: InvokeRequest): Promise<InvokeResult>
}
