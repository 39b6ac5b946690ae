import { isPlatformError } from '@morphee/core'
import type { Conversations } from '../approvals/conversations.ts'
import { HostError } from '../errors.ts'
import type { CallableExtensions } from '../extension/callable-extensions.ts'
import type { LoadedExtension } from '../extension/loaded-extension.ts'
import type { Installations } from '../installations/installations.ts'
import {
  handleLoaded,
  type HandleOutcome,
  type HandleRequest,
  type InvokeServices,
  invokeLoaded,
  MAX_CRASHES,
  recordRefusedCall,
} from './invoke.ts'
import type { InvokeRequest, InvokeResult } from './invoke-request.ts'

/** What {@link Invocations} works with. */
export interface InvocationServices {
  /** What one call is run with, and nothing more: capabilities see all of it. */
  readonly call: InvokeServices
  readonly extensions: CallableExtensions
  readonly installations: Installations
  readonly conversations: Conversations
}

type Stoppable = Pick<InvokeRequest, 'workspace' | 'extension' | 'signal'>

interface RunningCall {
  readonly workspace: string
  readonly extension: string
  readonly stopper: AbortController
}

/** The calls of a host: each from its extension's name to its result, and all that run, so that they can be ended. */
export class Invocations {
  readonly #services: InvocationServices
  readonly #calls = new Set<RunningCall>()
  readonly #running = new Set<Promise<unknown>>()

  constructor(services: InvocationServices) {
    this.#services = services
  }

  /** Runs one action. @throws `ERR_HOST_*` */
  invoke(request: InvokeRequest): Promise<InvokeResult> {
    return this.#followed(request, (stoppable) => this.#run(stoppable))
  }

  /** Runs the handler of an extension with one event. @throws `ERR_HOST_*` */
  handle(request: HandleRequest): Promise<HandleOutcome> {
    const { extensions, call } = this.#services
    return this.#followed(request, async (stoppable) =>
      handleLoaded(await extensions.load(request.workspace, request.extension), stoppable, call),
    )
  }

  async #followed<Request extends Stoppable, Result>(
    request: Request,
    work: (stoppable: Request) => Promise<Result>,
  ): Promise<Result> {
    const running = this.#stoppable(request, work)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Ends the calls of an extension that was switched off or removed: they must not act on. */
  stop(workspace: string, extension: string, state: string): void {
    for (const call of this.#calls) {
      if (call.workspace !== workspace || call.extension !== extension) continue
      const message = `Stopped "${extension}": it is ${state}`
      call.stopper.abort(new HostError('ERR_HOST_NOT_ACTIVE', message, { extension, state }))
    }
  }

  /** Waits until no call runs any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  async #stoppable<Request extends Stoppable, Result>(
    request: Request,
    work: (stoppable: Request) => Promise<Result>,
  ): Promise<Result> {
    const stopper = new AbortController()
    const call = { workspace: request.workspace, extension: request.extension, stopper }
    // Before it is loaded, so that what is taken back meanwhile is taken back from this call too.
    this.#calls.add(call)
    const { signal } = stopper
    try {
      return await work({
        ...request,
        signal: request.signal === undefined ? signal : AbortSignal.any([request.signal, signal]),
      })
    } finally {
      this.#calls.delete(call)
    }
  }

  async #run(request: InvokeRequest): Promise<InvokeResult> {
    const loaded = await this.#load(request)
    try {
      return await invokeLoaded(loaded, request, this.#services.call)
    } catch (error) {
      if (loaded.meters.crashes.length >= MAX_CRASHES) await this.#quarantine(request, loaded)
      throw error
    }
  }

  async #load(request: InvokeRequest): Promise<LoadedExtension> {
    const { extensions, conversations, call } = this.#services
    const { workspace, principal, conversation } = request
    try {
      if (conversation !== undefined)
        await conversations.assertOpen(workspace, principal, conversation)
      return await extensions.load(workspace, request.extension)
    } catch (error) {
      await recordRefusedCall(call.audit, request, error)
      throw error
    }
  }

  async #quarantine(
    { workspace }: InvokeRequest,
    { extension, meters }: LoadedExtension,
  ): Promise<void> {
    const { extensions, installations } = this.#services
    if (extensions.isBuiltin(extension)) return
    meters.crashes = []
    const by = { kind: 'automation', trigger: 'event' } as const
    try {
      await installations.setState(workspace, extension, by, 'quarantined')
      this.stop(workspace, extension, 'quarantined')
    } catch (error) {
      // Removed while it ran: there is nothing left to stop, and the caller gets to know of the crash itself.
      if (!isPlatformError(error, 'ERR_HOST_NOT_INSTALLED')) throw error
    }
  }
}
