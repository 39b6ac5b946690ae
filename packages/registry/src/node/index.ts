export { createDirectoryCache } from './directory-cache.ts'
export {
  createDockerCredentials,
  dockerConfigPaths,
  type DockerCredentialsOptions,
} from './docker-credentials.ts'
