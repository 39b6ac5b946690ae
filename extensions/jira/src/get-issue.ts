import { toText } from './adf.ts'
import { type IssueSummary, type JiraIssue, SUMMARY_FIELDS, toSummary } from './issue.ts'
import { getJson } from './jira-client.ts'

/** Reads one issue with its description. */
export async function getIssue(input: {
  readonly key: string
}): Promise<IssueSummary & { description: string }> {
  const query = new URLSearchParams({ fields: [...SUMMARY_FIELDS, 'description'].join(',') })
  const issue = await getJson<JiraIssue>(`issue/${encodeURIComponent(input.key)}?${query}`)
  const { description } = issue.fields
  return { ...toSummary(issue), description: description ? toText(description) : '' }
}
