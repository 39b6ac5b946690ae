import type { BorrowScope, CallContext } from '../abi/context.ts'
import { markEntries } from '../abi/backtrace.ts'
import { abiTrap, trapped, wrongValue } from '../abi/trap.ts'
import type { Frame } from './frame.ts'
import type { Store } from './store.ts'

/** A resource type at run time, owned by a component instance or by the host. */
export interface RuntimeResource {
  /** The instance that defines it, or `undefined` when the host does. */
  readonly owner: Frame | undefined
  /** Ends a resource of a guest. */
  readonly destroy: ((rep: number) => void) | undefined
  /** Objects of the host behind their representations. */
  readonly objects: Map<number, object>
  /** Of the JavaScript objects that stand for a guest's resources outside. */
  readonly prototype: object
  /** When the host defines it, what its objects must be instances of. */
  readonly hostClass: (new (...args: never[]) => object) | undefined
}

export function createResource(
  owner: Frame | undefined,
  destroy: ((rep: number) => void) | undefined,
  hostClass?: new (...args: never[]) => object,
): RuntimeResource {
  return { owner, destroy, objects: new Map(), prototype: {}, hostClass }
}

interface Handle {
  readonly resource: RuntimeResource
  readonly rep: number
  readonly own: boolean
  readonly scope: BorrowScope | undefined
  lends: number
}

/** The handles of one component instance. Index 0 is never used, freed ones are used again, last first. */
export class HandleTable {
  readonly #store: Store
  readonly #entries: (Handle | undefined)[] = [undefined]
  readonly #free: number[] = []
  constructor(store: Store) {
    this.#store = store
  }

  add(handle: Handle): number {
    const store = this.#store
    const maximum = store.limits.maxHandles
    if (store.handles >= maximum) throw trapped('limit', `it holds more than ${maximum} handles`)
    store.handles++
    const reused = this.#free.pop()
    if (reused !== undefined) {
      this.#entries[reused] = handle
      return reused
    }
    return this.#entries.push(handle) - 1
  }

  get(index: number, resource: RuntimeResource): Handle {
    const handle = this.#entries[index]
    if (handle === undefined) throw abiTrap(`unknown handle index ${index}`)
    if (handle.resource !== resource)
      throw abiTrap(`handle index ${index} used with the wrong type`)
    return handle
  }

  remove(index: number, resource: RuntimeResource): Handle {
    const handle = this.get(index, resource)
    if (handle.lends > 0) throw abiTrap('cannot remove owned resource while borrowed')
    this.#entries[index] = undefined
    this.#free.push(index)
    this.#store.handles--
    return handle
  }
}

/** What a JavaScript object stands for that was handed out for a guest's resource. */
interface Outside {
  readonly resource: RuntimeResource
  readonly rep: number
  readonly own: boolean
  live: boolean
}
const outside = new WeakMap<object, Outside>()

function handOut(
  resource: RuntimeResource,
  rep: number,
  own: boolean,
): { object: object; state: Outside } {
  const object = Object.create(resource.prototype) as object
  const state: Outside = { resource, rep, own, live: true }
  outside.set(object, state)
  return { object, state }
}

function resourceAt(frame: Frame, slot: number): RuntimeResource {
  const resource = frame.resources[slot]
  if (resource === undefined) throw abiTrap('a resource type is not there yet')
  return resource
}

/** Takes an owned handle out of the guest. */
export function liftOwn(cx: CallContext, slot: number, index: number): unknown {
  const resource = resourceAt(cx.frame, slot)
  const handle = cx.frame.handles.remove(index, resource)
  if (!handle.own) throw abiTrap('cannot lift own resource from a borrow')
  if (resource.owner !== undefined) return handOut(resource, handle.rep, true).object
  const object = resource.objects.get(handle.rep)
  resource.objects.delete(handle.rep)
  return object
}

/** Lends a handle of the guest for the time of the call. */
export function liftBorrow(cx: CallContext, slot: number, index: number): unknown {
  const resource = resourceAt(cx.frame, slot)
  const handle = cx.frame.handles.get(index, resource)
  if (cx.borrows === undefined) throw abiTrap('a borrow outside a call')
  handle.lends++
  cx.borrows.lent.push(handle)
  if (resource.owner === undefined) return resource.objects.get(handle.rep)
  const { object, state } = handOut(resource, handle.rep, false)
  cx.borrows.handed.push(state)
  return object
}

function hostObject(resource: RuntimeResource, value: unknown): object {
  const fits =
    typeof value === 'object' &&
    value !== null &&
    (resource.hostClass === undefined || value instanceof resource.hostClass)
  if (!fits) throw wrongValue('a resource of the host', value)
  return value as object
}

let nextRep = 1

function intoTable(resource: RuntimeResource, value: unknown): number {
  const object = hostObject(resource, value)
  // A host that lives long comes around, and what is still held keeps its number.
  while (resource.objects.has(nextRep)) nextRep = nextRep === 0x7fff_ffff ? 1 : nextRep + 1
  const rep = nextRep
  nextRep = nextRep === 0x7fff_ffff ? 1 : nextRep + 1
  resource.objects.set(rep, object)
  return rep
}

function liveOutside(resource: RuntimeResource, value: unknown): Outside {
  const state = typeof value === 'object' && value !== null ? outside.get(value) : undefined
  if (state === undefined || state.resource !== resource)
    throw wrongValue('a resource of the component', value)
  if (!state.live) throw wrongValue('a resource that is still owned', value)
  return state
}

/** Gives a resource to the guest. */
export function lowerOwn(cx: CallContext, slot: number, value: unknown): number {
  const resource = resourceAt(cx.frame, slot)
  if (resource.owner === undefined) {
    return cx.frame.handles.add({
      resource,
      rep: intoTable(resource, value),
      own: true,
      scope: undefined,
      lends: 0,
    })
  }
  const state = liveOutside(resource, value)
  if (!state.own) throw wrongValue('an owned resource', value)
  state.live = false
  return cx.frame.handles.add({ resource, rep: state.rep, own: true, scope: undefined, lends: 0 })
}

/** Lends a resource to the guest until its call returns. */
export function lowerBorrow(cx: CallContext, slot: number, value: unknown): number {
  const resource = resourceAt(cx.frame, slot)
  const scope = cx.borrows
  if (scope === undefined) throw abiTrap('a borrow outside a call')
  const rep =
    resource.owner === undefined ? intoTable(resource, value) : liveOutside(resource, value).rep
  if (resource.owner === cx.frame) return rep
  scope.held++
  return cx.frame.handles.add({ resource, rep, own: false, scope, lends: 0 })
}

/** `resource.new` */
export function newHandle(frame: Frame, slot: number, rep: number): number {
  return frame.handles.add({
    resource: resourceAt(frame, slot),
    rep,
    own: true,
    scope: undefined,
    lends: 0,
  })
}

/** `resource.rep` */
export function repOf(frame: Frame, slot: number, index: number): number {
  return frame.handles.get(index, resourceAt(frame, slot)).rep
}

/** `resource.drop` */
export function dropHandle(frame: Frame, slot: number, index: number): void {
  const resource = resourceAt(frame, slot)
  const handle = frame.handles.remove(index, resource)
  if (!handle.own) {
    if (handle.scope !== undefined) handle.scope.held--
    if (resource.owner === undefined) resource.objects.delete(handle.rep)
    return
  }
  endResource(resource, handle.rep)
}

function endResource(resource: RuntimeResource, rep: number): void {
  if (resource.owner === undefined) {
    const object = resource.objects.get(rep) as Partial<Disposable> | undefined
    resource.objects.delete(rep)
    object?.[Symbol.dispose]?.()
    return
  }
  resource.destroy?.(rep)
}

/** Ends a resource that the host owns; twice is once. */
export function disposeOutside(object: object): void {
  const state = outside.get(object)
  if (state === undefined || !state.live || !state.own) return
  state.live = false
  const { store } = state.resource.owner as Frame
  if (store.death !== undefined) return
  store.assertCallable()
  store.busy = true
  try {
    endResource(state.resource, state.rep)
  } catch (error) {
    throw store.fail(error)
  } finally {
    store.busy = false
  }
}
markEntries(disposeOutside)
