import type { JsonObject, JsonValue } from '@morphee/core'
import type { JqlRecord } from './jql.ts'

/** An issue as the double keeps it. */
export interface JiraIssue {
  readonly id: string
  readonly key: string
  readonly fields: JsonObject
}

/** What a project of the double knows. */
export interface JiraProject {
  readonly key: string
  readonly name: string
  readonly issueTypes: readonly string[]
}

/** Whether `value` is a document in Atlassian's format, as far as its outermost object tells. */
export function isAtlassianDocument(value: JsonValue | undefined): boolean {
  return (
    isObject(value) &&
    value['type'] === 'doc' &&
    value['version'] === 1 &&
    Array.isArray(value['content'])
  )
}

/** What Jira would say about the fields of a new issue: a message per field, none when all is well. */
export function checkNewIssue(
  fields: JsonObject,
  projects: readonly JiraProject[],
): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {}
  const { summary, project, issuetype, description, labels } = fields
  if (typeof summary !== 'string' || summary.trim() === '') {
    errors['summary'] = 'You must specify a summary of the issue.'
  } else if (summary.length > 255) {
    errors['summary'] = 'Summary must be less than 255 characters.'
  } else if (/[\r\n]/.test(summary)) {
    errors['summary'] = 'The summary is invalid because it contains newline characters.'
  }
  const found = findProject(project, projects)
  if (found === undefined) errors['project'] = 'Specify a valid project ID or key'
  const type = isObject(issuetype) ? issuetype['name'] : undefined
  if (typeof type !== 'string') errors['issuetype'] = 'Specify an issue type'
  else if (found !== undefined && !found.issueTypes.includes(type)) {
    errors['issuetype'] = 'Specify a valid issue type'
  }
  if (description !== undefined && description !== null && !isAtlassianDocument(description)) {
    errors['description'] =
      'Operation value must be an Atlassian Document (see the Atlassian Document Format)'
  }
  if (
    Array.isArray(labels) &&
    labels.some((label) => typeof label !== 'string' || /\s/.test(label))
  ) {
    errors['labels'] = "The label can't contain spaces."
  }
  return errors
}

/** The project that a new issue's `project` field names. */
export function findProject(
  value: JsonValue | undefined,
  projects: readonly JiraProject[],
): JiraProject | undefined {
  return isObject(value) ? projects.find(({ key }) => key === value['key']) : undefined
}

/** The fields that a search or a look-up asked for, in Jira's way of asking: names, `*all`, `*navigable`, `-name`. */
export function selectFields(fields: JsonObject, names: readonly string[]): JsonObject {
  const all = names.some((name) => name === '*all' || name === '*navigable' || name.startsWith('-'))
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) =>
      all ? !names.includes(`-${name}`) : names.includes(name),
    ),
  )
}

/** An issue as JQL sees it. */
export function jqlRecord({ id, key, fields }: JiraIssue): JqlRecord {
  const named = (name: string): string | undefined => {
    const value = fields[name]
    return typeof value === 'string' ? value : memberText(value, 'name')
  }
  const labels = fields['labels']
  return {
    id,
    key,
    project: memberText(fields['project'], 'key'),
    summary: named('summary'),
    description: textOf(fields['description']),
    status: named('status'),
    issuetype: named('issuetype'),
    priority: named('priority'),
    assignee: memberText(fields['assignee'], 'accountId'),
    reporter: memberText(fields['reporter'], 'accountId'),
    labels: Array.isArray(labels) ? labels.map(String) : undefined,
    created: named('created'),
    updated: named('updated'),
  }
}

function memberText(value: JsonValue | undefined, name: string): string | undefined {
  const member = isObject(value) ? value[name] : undefined
  return typeof member === 'string' ? member : undefined
}

function textOf(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return value.map(textOf).join(' ')
  if (!isObject(value)) return ''
  return `${typeof value['text'] === 'string' ? value['text'] : ''} ${textOf(value['content'])}`.trim()
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
