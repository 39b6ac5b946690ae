/** What a person gave for the whole of a run; a hint has to repeat it, or it would be about another data directory. */
export interface GivenOptions {
  readonly home?: string | undefined
  readonly workspace?: string | undefined
  readonly policy?: string | undefined
  readonly dev: boolean
}

/** How the command was started, so that what a person is told to type next can be copied as it stands. */
export class CommandLine {
  /** What stands before all options: `morphee`, or what npm was told. */
  readonly program: string
  readonly #given: () => GivenOptions

  /** `given` is asked when a hint is written, because options are read after this is made. */
  constructor(
    variables: Readonly<Record<string, string | undefined>>,
    given: () => GivenOptions = () => ({ dev: false }),
  ) {
    this.program = programOf(variables)
    this.#given = given
  }

  /** `rest` with the program and the options that were given before it; `dev` for what only a development host does. */
  spell(rest: string, { dev = false }: { readonly dev?: boolean } = {}): string {
    return `${this.#prefix(dev)} ${rest}`
  }

  /** `text` with each `` `morphee …` `` in it spelled like that. */
  inText(text: string): string {
    return text.replaceAll(
      /`morphee( --dev)?(?=[ `])/g,
      (_, dev?: string) => `\`${this.#prefix(dev !== undefined)}`,
    )
  }

  #prefix(asDeveloper: boolean): string {
    const { home, workspace, policy, dev } = this.#given()
    const options = Object.entries({ home, workspace, policy }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, quoted(value)],
    )
    return [this.program, ...options, ...(dev || asDeveloper ? ['--dev'] : [])].join(' ')
  }
}

// npm tells its children what it was asked for: `npm run morphee` by the script's name, `npx morphee` by what it does.
function programOf(variables: Readonly<Record<string, string | undefined>>): string {
  if (variables['npm_lifecycle_event'] === 'morphee') return 'npm run morphee --'
  if (variables['npm_lifecycle_event'] === 'npx') return 'npx morphee'
  return 'morphee'
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
