import { AuthoringError } from '../errors.ts'

/** Holds the actions of the source against those of the manifest. @throws {@link AuthoringError} `ERR_AUTHORING_ACTIONS_DIFFER` */
export function checkActions(declared: readonly string[], found: readonly string[]): void {
  const missing = declared.filter((name) => !found.includes(name))
  const undeclared = found.filter((name) => !declared.includes(name))
  if (missing.length + undeclared.length > 0) throw actionsDiffer(missing, undeclared)
}

/** The error for actions that stand on one side only. */
export function actionsDiffer(
  missing: readonly string[],
  undeclared: readonly string[],
): AuthoringError {
  const faults = [
    ...missing.map((name) => `the source has no action "${name}" of extension.yaml`),
    ...undeclared.map((name) => `extension.yaml has no action "${name}" of the source`),
  ]
  return new AuthoringError(
    'ERR_AUTHORING_ACTIONS_DIFFER',
    `Cannot build the extension: ${faults.join('; ')}`,
    { missing, undeclared },
  )
}
