export type { RegistryAuth } from './authorization.ts'
export {
  createRegistryHandler,
  type RegistryHandler,
  type RegistryHandlerOptions,
} from './handler.ts'
export { type RegistryServer, type RegistryServerOptions, startRegistryServer } from './server.ts'
