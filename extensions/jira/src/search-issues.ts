import type { Invocation } from '@morphee/sdk'
import { type IssueSummary, type JiraIssue, SUMMARY_FIELDS, toSummary } from './issue.ts'
import { getJson } from './jira-client.ts'

interface SearchInput {
  readonly jql: string
  readonly limit?: number
}

interface SearchOutput {
  readonly issues: readonly IssueSummary[]
  readonly complete: boolean
}

/** A page of `GET /rest/api/3/search/jql`: there is a further one as long as there is a token. */
interface SearchPage {
  readonly issues?: readonly JiraIssue[]
  readonly nextPageToken?: string | null
  readonly isLast?: boolean
}

const PAGE_SIZE = 100

/** Finds issues, page after page until there are enough. */
export async function searchIssues(
  input: SearchInput,
  invocation: Invocation,
): Promise<SearchOutput> {
  const limit = input.limit ?? 50
  const issues: IssueSummary[] = []
  let complete = false
  for await (const page of pages(input.jql, limit)) {
    issues.push(...(page.issues ?? []).map(toSummary))
    complete = isLast(page) && issues.length <= limit
    if (issues.length >= limit) break
    invocation.progress(`${issues.length} issues`, issues.length / limit)
  }
  return { issues: issues.slice(0, limit), complete }
}

async function* pages(jql: string, limit: number): AsyncGenerator<SearchPage, void, undefined> {
  let token: string | undefined
  for (;;) {
    const query = new URLSearchParams({
      jql,
      maxResults: String(Math.min(limit, PAGE_SIZE)),
      fields: SUMMARY_FIELDS.join(','),
    })
    if (token !== undefined) query.set('nextPageToken', token)
    const page = await getJson<SearchPage>(`search/jql?${query}`)
    yield page
    const next = isLast(page) ? undefined : (page.nextPageToken ?? undefined)
    // A service that names the same page again would be asked until the call's limit.
    if (next === undefined || next === token) return
    token = next
  }
}

function isLast(page: SearchPage): boolean {
  return page.isLast ?? page.nextPageToken == null
}
