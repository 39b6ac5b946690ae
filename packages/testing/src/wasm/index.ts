export {
  type BuilderFunc,
  type BuilderOptions,
  type BuilderType,
  ComponentBuilder,
} from './component.ts'
export {
  bumpRealloc,
  buildModule,
  type CoreType,
  type FuncSpec,
  type ModuleSpec,
  op,
} from './module.ts'
