import { defineExtension } from '@morphee/sdk'

export const extension = defineExtension({
  actions: {
    greet: (input: { name: string }) => ({ text: `Hello, ${input.name}` }),
  },
})
