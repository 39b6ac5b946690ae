import { action, defineExtension } from '@morphee/sdk'
import { createIssue } from './create-issue.ts'
import { getIssue } from './get-issue.ts'
import { searchIssues } from './search-issues.ts'

export const extension = defineExtension({
  actions: {
    'search-issues': action(searchIssues),
    'get-issue': action(getIssue),
    'create-issue': action(createIssue),
  },
})
