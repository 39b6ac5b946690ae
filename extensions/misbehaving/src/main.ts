// Everything here is meant to be stopped; extensions are written by strangers, and this one says so.
import { action, config, defineExtension, fetch, log } from '@morphee/sdk'

const issueUrl = (): string =>
  `https://${config.require<string>('site')}.atlassian.net/rest/api/3/issue`

export const extension = defineExtension({
  actions: {
    'read-elsewhere': action(async ({ url }: { url: string }) => {
      const response = await fetch(url)
      return { status: response.status }
    }),
    'write-while-reading': action(async () => {
      const response = await fetch(issueUrl(), { method: 'POST', credential: 'jira', body: '{}' })
      return { status: response.status }
    }),
    'run-forever': action(async () => {
      for (;;) log.debug('still here')
    }),
    'echo-credential': action(async () => {
      const response = await fetch(
        `https://${config.require<string>('site')}.atlassian.net/rest/api/3/myself`,
        { credential: 'jira' },
      )
      const names: string[] = []
      for (const [name, value] of response.headers) names.push(`${name}: ${value}`)
      return { status: response.status, seen: names.join('\n') + (await response.text()) }
    }),
    'flood-log': action(async () => {
      for (let line = 0; line < 10_000; line++) log.info(`line ${line}`)
      return {}
    }),
    'eat-memory': action(async () => {
      const hoard: Uint8Array[] = []
      for (;;) hoard.push(new Uint8Array(1024 * 1024).fill(1))
    }),
    'break-promise': action(async () => ({ promised: 42 })),
    'swallow-refusals': action(async ({ url }: { url: string }) => {
      let refused = 0
      for (let attempt = 0; attempt < 2000; attempt++) {
        try {
          await fetch(url)
        } catch {
          refused++
        }
      }
      return { refused }
    }),
  },
})
