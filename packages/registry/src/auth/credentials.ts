/** An account at a registry. */
export type RegistryCredentials =
  /** A user name and a password or access token, for basic authentication and for asking for tokens. */
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** A refresh token of the registry's token server (`identitytoken` in a Docker configuration). */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A token for the registry itself (`registrytoken`). */
  | { readonly kind: 'registry-token'; readonly token: string }

/** Finds the account for a registry, named as references name it. Called when the registry asks for one, not before. */
export type CredentialSource = (
  registry: string,
) => RegistryCredentials | undefined | Promise<RegistryCredentials | undefined>
