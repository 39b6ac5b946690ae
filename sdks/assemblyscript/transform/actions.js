import { CommonFlags, NodeKind, SourceKind } from 'assemblyscript'
import { Transform } from 'assemblyscript/transform'

const SDK = '@morphee/sdk-assemblyscript/assembly'
const ACTIONS = 'morphee:extension/actions@0.9.0'
const HANDLER = 'morphee:extension/event-handler@0.9.0'
const EXPORTS = new Map([
  ['__invoke', `${ACTIONS}#invoke`],
  ['__afterInvoke', `cabi_post_${ACTIONS}#invoke`],
  ['__handle', `${HANDLER}#handle`],
  ['__afterHandle', `cabi_post_${HANDLER}#handle`],
  ['__reallocate', 'cabi_realloc'],
  ['_initialize', '_initialize'],
])

/**
 * Finds the functions with `@action`, writes the glue between them and the component's `actions.invoke`, and gives the
 * exports the names that the Component Model's tools look for.
 *
 * The function with `@eventHandler`, if there is one, becomes the component's `event-handler.handle`; it takes an `Event`.
 *
 * An action takes one value or none and returns one: a string (JSON text as it is), a number, a boolean or a `@json` class.
 */
export class ActionsTransform extends Transform {
  /** Names of the actions found, as they are called: `countWords` is `count-words`. */
  onActions = () => {}

  static reporting(onActions) {
    return class extends ActionsTransform {
      onActions = onActions
    }
  }

  afterParse(parser) {
    const actions = []
    let handler
    const classes = new Map()
    for (const source of parser.sources) {
      if (source.internalPath.startsWith('~lib/')) continue
      // The glue is the entry. json-as, which runs before, takes `assembly/index` for its own file and marks it as a library's.
      source.sourceKind = SourceKind.User
      for (const node of source.statements) {
        if (node.kind === NodeKind.ClassDeclaration) classes.set(node.name.text, node)
        if (node.kind !== NodeKind.FunctionDeclaration) continue
        if (takeDecorator(node, 'action')) actions.push(describe(source, node))
        if (takeDecorator(node, 'eventHandler')) handler = describe(source, node)
      }
    }
    this.onActions(actions.map(({ wireName }) => wireName))
    const types = new Set(
      actions.flatMap(({ input, output }) => [input, output]).filter((type) => classes.has(type)),
    )
    for (const type of types) classes.get(type).flags |= CommonFlags.Export
    parser.parseFile(glue(actions, types, classes, handler), 'morphee-glue.ts', true)
  }

  afterCompile(module) {
    const { binaryen } = this
    for (let i = module.getNumExports() - 1; i >= 0; i--) {
      const { name, kind, value } = binaryen.getExportInfo(module.getExportByIndex(i))
      if (kind === binaryen.ExternalKinds.Memory) continue
      module.removeExport(name)
      const renamed = kind === binaryen.ExternalKinds.Function ? EXPORTS.get(name) : undefined
      if (renamed !== undefined) module.addFunctionExport(value, renamed)
    }
  }
}

function takeDecorator(node, wanted) {
  const at = node.decorators?.findIndex(({ name }) => name.text === wanted) ?? -1
  if (at < 0) return false
  node.decorators.splice(at, 1)
  if (node.decorators.length === 0) node.decorators = null
  node.flags |= CommonFlags.Export
  return true
}

function describe(source, node) {
  const name = node.name.text
  return {
    name,
    wireName: name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`),
    input: node.signature.parameters[0]?.type.range.toString(),
    output: node.signature.returnType.range.toString(),
    path: source.internalPath,
  }
}

function glue(actions, types, classes, handler) {
  const lines = [
    `import { afterInvoke as __afterInvoke, fail, finish, hasFailed, reallocate as __reallocate, takeString } from "${SDK}/actions";`,
    // Named here so that it is compiled: the compiler's option only points at it.
    `import { abortCall as __abortCall } from "${SDK}/abort";`,
    'export { __afterInvoke, __reallocate };',
  ]
  const usesJson = actions.some(
    ({ input, output }) => (input ?? 'string') !== 'string' || output !== 'string',
  )
  if (usesJson) lines.push('import { JSON } from "json-as";')
  for (const path of new Set(actions.map((action) => action.path))) {
    const names = actions
      .filter((action) => action.path === path)
      .map(({ name }) => `${name} as action_${name}`)
    lines.push(`import { ${names.join(', ')} } from "./${path}";`)
  }
  for (const type of types) {
    lines.push(`import { ${type} } from "./${classes.get(type).range.source.internalPath}";`)
  }
  lines.push(
    'export function __invoke(nameAt: usize, nameLength: usize, inputAt: usize, inputLength: usize): usize {',
    '  const name = takeString(nameAt, nameLength);',
    '  const input = takeString(inputAt, inputLength);',
    '  let output = "";',
  )
  for (const action of actions) lines.push(`  ${branch(action)}`)
  lines.push(
    '  fail<string>("not-found", "There is no action \\"" + name + "\\"");',
    '  hasFailed();',
    '  return finish("");',
    '}',
    ...(handler === undefined ? [] : handlerGlue(handler)),
  )
  return lines.join('\n')
}

// The record of the contract comes as thirteen flat values; what the handler returns is not looked at, only whether it failed.
function handlerGlue({ name, path }) {
  const texts = ['id', 'source', 'topic']
  const parameters = [
    ...texts.map((text) => `${text}At: usize, ${text}Length: usize`),
    'time: u64, attempt: u32, payloadAt: usize, payloadLength: usize',
    'hasContext: i32, contextAt: usize, contextLength: usize',
  ]
  return [
    `import { Event } from "${SDK}/event";`,
    `import { ${name} as handle_event } from "./${path}";`,
    'export { __afterInvoke as __afterHandle };',
    `export function __handle(${parameters.join(', ')}): usize {`,
    ...texts.map((text) => `  const ${text} = takeString(${text}At, ${text}Length);`),
    '  const payload = takeString(payloadAt, payloadLength);',
    '  if (hasContext) takeString(contextAt, contextLength);',
    '  handle_event(new Event(id, source, topic, time, attempt, payload));',
    '  hasFailed();',
    '  return finish("");',
    '}',
  ]
}

function branch({ name, wireName, input, output }) {
  const argument =
    input === undefined ? '' : input === 'string' ? 'input' : `JSON.parse<${input}>(input)`
  const text = output === 'string' ? 'result' : `JSON.stringify<${output}>(result)`
  return (
    `if (name == ${JSON.stringify(wireName)}) { const result = action_${name}(${argument}); ` +
    `if (!hasFailed()) output = ${text}; return finish(output); }`
  )
}
