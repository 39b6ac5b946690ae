// Handed over as text and evaluated where a guest will run, before anything else: it imports nothing of ours.
import { registerHooks } from 'node:module'
import type { ModuleBundle } from './module-bundle.ts'

/** Runs a bundle where no file is read; settles when its entry has run. */
export async function runBundle({ entry, modules }: ModuleBundle): Promise<void> {
  const byName = new Map(modules.map((module) => [module.name, module]))
  registerHooks({
    resolve(specifier, context, next) {
      const from = byName.get(context.parentURL ?? '')
      const name = specifier === entry ? entry : from?.imports[specifier]
      if (name === undefined) return next(specifier, context)
      return { url: name, format: 'module', shortCircuit: true }
    },
    load(url, context, next) {
      const module = byName.get(url)
      if (module === undefined) return next(url, context)
      return { format: 'module', source: module.source, shortCircuit: true }
    },
  })
  await import(entry)
}
