import type { IncomingMessage, ServerResponse } from 'node:http'
import { Authorization, type RegistryAuth } from './authorization.ts'
import { continueUpload, deleteBlob, getBlob, startUpload } from './blobs.ts'
import { listReferrers, listTags } from './listings.ts'
import { deleteManifest, getManifest, putManifest } from './manifests.ts'
import { ProtocolError } from './protocol-error.ts'
import { Registry } from './registry.ts'
import { errorReply, sendReply, type Call, type Reply } from './reply.ts'
import { parseRoute, type Route } from './route.ts'
import { createDirectoryStorage } from './storage/directory.ts'
import { createMemoryStorage } from './storage/memory.ts'
import { Uploads } from './uploads.ts'

/** How a registry behaves, wherever it is mounted. */
export interface RegistryHandlerOptions {
  /** In memory until `close`, or in a directory that one process uses at a time. @default 'memory' */
  readonly storage?: 'memory' | { readonly dir: string }
  /** Who may use it. @default everybody */
  readonly auth?: RegistryAuth
  /** Refuses every change. @default false */
  readonly readOnly?: boolean
  /** Whether it has the referrers API of specification 1.1; `false` is how many registries in use still behave. @default true */
  readonly referrersApi?: boolean
  /** Largest blob in bytes. @default 512 MiB */
  readonly maxBlobBytes?: number
  /** Uploads open at once. @default 100 */
  readonly maxUploads?: number
  /** Milliseconds after which an upload nobody touched is dropped. @default one hour */
  readonly uploadIdleMs?: number
  /**
   * Sees each request first and answers it itself by returning `true`: tests put broken and lying registries here.
   *
   * @default none
   */
  readonly intercept?: (
    request: IncomingMessage,
    response: ServerResponse,
  ) => boolean | Promise<boolean>
  /** Told of failures that are this program's own; the client sees a 500 without a reason. */
  readonly onError?: (error: unknown) => void
}

/** A registry without a listener, to be mounted in a server of any kind. */
export interface RegistryHandler {
  /** Answers one request; `origin` is what clients call this server, such as `https://registry.example`. */
  handle(request: IncomingMessage, response: ServerResponse, origin: string): Promise<void>
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Context {
  readonly registry: Registry
  readonly uploads: Uploads
  readonly referrersApi: boolean
}

/**
 * The request handler of an OCI registry (distribution specification 1.1): pull, push, content discovery and management.
 */
export async function createRegistryHandler(
  options: RegistryHandlerOptions = {},
): Promise<RegistryHandler> {
  const storage =
    typeof options.storage === 'object'
      ? await createDirectoryStorage(options.storage.dir)
      : createMemoryStorage()
  const registry = await Registry.open(storage)
  const uploads = new Uploads(registry, {
    maxBlobBytes: options.maxBlobBytes ?? 512 * 1024 * 1024,
    maxSessions: options.maxUploads ?? 100,
    idleMs: options.uploadIdleMs ?? 60 * 60 * 1000,
  })
  const context = { registry, uploads, referrersApi: options.referrersApi ?? true }
  const authorization = options.auth === undefined ? undefined : new Authorization(options.auth)

  const answer = async (request: IncomingMessage, origin: string): Promise<Reply> => {
    const method = request.method ?? 'GET'
    const target = request.url ?? '/'
    // HTTP knows other forms (`*`, a whole URL); nothing here is called by them.
    if (!target.startsWith('/'))
      throw new ProtocolError('NAME_UNKNOWN', 'There is no such endpoint')
    const url = new URL(`http://registry.invalid${target}`)
    const call: Call = { method, url, request }
    const route = parseRoute(url.pathname)
    if (route.kind === 'token') {
      if (authorization === undefined || method !== 'GET')
        throw new ProtocolError('NAME_UNKNOWN', 'There is no such endpoint')
      return authorization.issue(call)
    }
    const reads = method === 'GET' || method === 'HEAD'
    const isUpload = route.kind === 'upload' || route.kind === 'uploads'
    const action = reads && !isUpload ? 'pull' : 'push'
    authorization?.require(
      request,
      { repository: 'repository' in route ? route.repository : undefined, action },
      origin,
    )
    if (action === 'push' && options.readOnly === true) {
      throw new ProtocolError('UNSUPPORTED', 'This registry is read-only')
    }
    return dispatch(context, call, route)
  }

  const close = async (): Promise<void> => {
    await uploads.close()
    await storage.close()
  }
  return {
    async handle(request, response, origin) {
      try {
        if (options.intercept !== undefined && (await options.intercept(request, response))) return
        const reply = await answer(request, origin).catch((error: unknown) => {
          if (error instanceof ProtocolError) return errorReply(error)
          throw error
        })
        await sendReply(request, response, reply)
      } catch (error) {
        // A client that went away is no failure of ours.
        if (!request.destroyed && !isDisconnect(error)) options.onError?.(error)
        if (response.headersSent) response.destroy()
        else response.writeHead(500, { connection: 'close' }).end()
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function dispatch(
  context: Context,
  call: Call,
  route: Exclude<Route, { kind: 'token' }>,
): Promise<Reply> {
  const { registry, uploads } = context
  // HEAD takes the same way as GET; only its body is not sent.
  const method = call.method === 'HEAD' ? 'GET' : call.method
  switch (route.kind) {
    case 'base':
      if (method === 'GET')
        return { status: 200, headers: { 'docker-distribution-api-version': 'registry/2.0' } }
      break
    case 'blob':
      if (method === 'GET') return getBlob(registry, call, route.repository, route.digest)
      if (method === 'DELETE') return deleteBlob(registry, route.repository, route.digest)
      break
    case 'manifest':
      if (method === 'GET') return getManifest(registry, route.repository, route.reference)
      if (method === 'PUT')
        return putManifest(registry, call, route.repository, route.reference, context)
      if (method === 'DELETE') return deleteManifest(registry, route.repository, route.reference)
      break
    case 'uploads':
      if (method === 'POST') return startUpload(registry, uploads, call, route.repository)
      break
    case 'upload':
      return continueUpload(uploads, call, route.repository, route.session)
    case 'tags':
      if (method === 'GET') return listTags(registry, call, route.repository)
      break
    case 'referrers':
      // What a registry without the API says; an error code would be taken for a missing repository.
      if (!context.referrersApi) {
        return {
          status: 404,
          headers: { 'content-type': 'text/plain' },
          body: Buffer.from('404 page not found\n'),
        }
      }
      if (method === 'GET') return listReferrers(registry, call, route.repository, route.digest)
      break
  }
  throw new ProtocolError('UNSUPPORTED', 'The method is not supported here')
}

function isDisconnect(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE'
}
