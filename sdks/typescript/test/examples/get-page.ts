import { config, defineExtension, Failure, fetch } from '@morphee/sdk'

export const extension = defineExtension({
  actions: {
    'get-page': async (input: { id: string }) => {
      const site = config.require<string>('site')
      const response = await fetch(`https://${site}/pages/${input.id}`, { credential: 'wiki' })
      if (response.status === 404) throw new Failure('not-found', `There is no page ${input.id}`)
      return response.json()
    },
  },
})
