import type { AdfNode } from './adf.ts'
import { siteUrl } from './jira-client.ts'

/** The parts of Jira's issue that this extension reads. */
export interface JiraIssue {
  readonly key: string
  readonly fields: {
    readonly summary?: string | null
    readonly status?: { readonly name?: string } | null
    readonly issuetype?: { readonly name?: string } | null
    readonly assignee?: { readonly displayName?: string } | null
    readonly updated?: string | null
    readonly description?: AdfNode | null
  }
}

/** One issue as a list shows it. */
export interface IssueSummary {
  readonly key: string
  readonly summary: string
  readonly status?: string
  readonly type?: string
  readonly assignee?: string
  readonly updated?: string
  readonly url: string
}

/** The fields that {@link toSummary} reads, as Jira names them. */
export const SUMMARY_FIELDS: readonly string[] = [
  'summary',
  'status',
  'issuetype',
  'assignee',
  'updated',
]

/** What a list shows of Jira's issue. */
export function toSummary({ key, fields }: JiraIssue): IssueSummary {
  const { status, issuetype, assignee, updated } = fields
  return {
    key,
    summary: fields.summary ?? '',
    ...(status?.name !== undefined && { status: status.name }),
    ...(issuetype?.name !== undefined && { type: issuetype.name }),
    ...(assignee?.displayName !== undefined && { assignee: assignee.displayName }),
    ...(typeof updated === 'string' && { updated }),
    url: issueUrl(key),
  }
}

/** Where a person reads an issue. */
export function issueUrl(key: string): string {
  return `${siteUrl()}/browse/${encodeURIComponent(key)}`
}
