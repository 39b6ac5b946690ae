import { toDocument } from './adf.ts'
import { issueUrl } from './issue.ts'
import { postJson } from './jira-client.ts'

interface CreateInput {
  readonly project: string
  readonly summary: string
  readonly description?: string
  readonly type?: string
  readonly labels?: readonly string[]
}

/** Creates an issue, its description as a document of paragraphs. */
export async function createIssue(input: CreateInput): Promise<{ key: string; url: string }> {
  const { project, summary, description, type = 'Task', labels } = input
  const created = await postJson<{ key: string }>('issue', {
    fields: {
      project: { key: project },
      issuetype: { name: type },
      summary,
      ...(description !== undefined && { description: toDocument(description) }),
      ...(labels !== undefined && { labels }),
    },
  })
  return { key: created.key, url: issueUrl(created.key) }
}
