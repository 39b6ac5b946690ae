import type { Installations } from './installations.ts'

/** The installations of a host, without the door for new code. */
export type InstallationManager = Pick<
  Installations,
  | 'list'
  | 'show'
  | 'proposeSettings'
  | 'decline'
  | 'rollback'
  | 'configure'
  | 'grant'
  | 'setState'
  | 'remove'
>

/** What has to hear of a change, so that it counts for calls that run already. */
export interface ChangeListeners {
  /** The grant of an extension was changed. */
  readonly regranted: (workspace: string, extension: string) => Promise<void>
  /** Another version of an extension is active. */
  readonly changedVersion: (workspace: string, extension: string) => Promise<void>
  /** An extension was switched off or removed; `state` says which. */
  readonly stopped: (workspace: string, extension: string, state: string) => void
}

/** An {@link InstallationManager} of functions that nothing else of `installations` can be reached through. */
export function createInstallationManager(
  installations: Installations,
  { regranted, changedVersion, stopped }: ChangeListeners,
): InstallationManager {
  return {
    list: (...args) => installations.list(...args),
    show: (...args) => installations.show(...args),
    proposeSettings: (...args) => installations.proposeSettings(...args),
    decline: (...args) => installations.decline(...args),
    rollback: async (...args) => {
      const version = await installations.rollback(...args)
      await changedVersion(args[0], args[1])
      return version
    },
    configure: (...args) => installations.configure(...args),
    grant: async (...args) => {
      const consent = await installations.grant(...args)
      await regranted(args[0], args[1])
      return consent
    },
    setState: async (workspace, extension, principal, state) => {
      await installations.setState(workspace, extension, principal, state)
      if (state !== 'active') stopped(workspace, extension, state)
    },
    remove: async (workspace, extension, principal, options) => {
      await installations.remove(workspace, extension, principal, options)
      stopped(workspace, extension, 'removed')
    },
  }
}
