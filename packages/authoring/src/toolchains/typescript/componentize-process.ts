import { componentize } from 'componentize-qjs'

/** What the process is to make a component of. */
export interface ComponentizeOrder {
  readonly witPath: string
  readonly script: string
}

/** What came of it: the component, or what the tool said. */
export type ComponentizeAnswer = { readonly component: Uint8Array } | { readonly failure: string }

async function run({ witPath, script }: ComponentizeOrder): Promise<ComponentizeAnswer> {
  try {
    const { component } = await componentize({
      witPath,
      world: 'extension',
      jsSource: script,
      sync: true,
      stubWasi: true,
      optSize: true,
    })
    return { component: new Uint8Array(component) }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

process.once('message', (order: ComponentizeOrder) => {
  void run(order).then((answer) => process.send?.(answer, () => process.disconnect?.()))
})
