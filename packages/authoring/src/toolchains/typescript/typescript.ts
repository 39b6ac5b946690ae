import { checkEvidence } from '../../evidence/check-evidence.ts'
import { exportedInterfaces, subscribes, worldText } from '../../wit/world.ts'
import type { Toolchain } from '../toolchain.ts'
import { bundle } from './bundle.ts'
import { componentizeScript } from './componentize.ts'

/** TypeScript on QuickJS: 1.1 MB, of which all but the script is the same in every extension. */
export const typescript: Toolchain = {
  language: 'typescript',
  entry: 'src/main.ts',
  async compile({ dir, manifest, permitted, step, maxLoadMs }) {
    const { text, used, diagnostics } = await step('bundle', () =>
      bundle(dir, Object.keys(manifest.actions), subscribes(manifest), permitted),
    )
    checkEvidence(manifest, used)
    // QuickJS imports all of its world, so the world holds what the script calls and nothing else.
    const component = await step('compile', () =>
      componentizeScript(text, worldText(used, exportedInterfaces(manifest)), maxLoadMs),
    )
    return { component, diagnostics }
  },
}
