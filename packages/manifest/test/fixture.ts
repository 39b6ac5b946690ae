import { COMPONENT_PREAMBLE } from '@morphee/core'

/** The manifest of the design, in full. */
export const JIRA = `manifest: 1
name: acme/jira
version: 1.2.0
title: Jira
description: Search, create and move Jira issues
license: Apache-2.0
permissions:
  - http:read: { urls: ["https://{config.site}.atlassian.net/rest/api/3/**"], reason: "Reads issues, projects and people" }
  - http:write: { urls: ["https://{config.site}.atlassian.net/rest/api/3/issue/**"], reason: Creates and changes issues }
  - storage:read
  - storage:write
credentials:
  jira:
    kind: basic
    audience: ["https://{config.site}.atlassian.net"]
    fields: { username: { title: E-mail }, password: { title: API token, help: "https://id.atlassian.com/" } }
config:
  type: object
  required: [site]
  properties: { site: { type: string, pattern: "^[a-z0-9-]+$", title: Jira site } }
actions:
  search-issues: { title: Search issues, description: Finds issues by JQL, effect: read, input: { $ref: schemas/search.json }, output: { type: object } }
  create-issue: { title: Create an issue, effect: write, input: { type: object, required: [summary], properties: { summary: { type: string } } } }
  delete-issue: { title: Delete an issue, effect: destructive, uses: [http:write], input: { type: object } }
limits: { memory: 64 MiB, http-requests-per-minute: 200, cpu-time: 30 s, handles: "1,000" }
locales: { de: locales/de.json }
`

/** The files that {@link JIRA} refers to. */
export const JIRA_FILES: Readonly<Record<string, string>> = {
  'schemas/search.json':
    '{"type":"object","required":["jql"],"properties":{"jql":{"type":"string","maxLength":2000}},"additionalProperties":false}',
}

/** The assets that {@link JIRA} refers to. */
export const JIRA_ASSETS: Readonly<Record<string, Uint8Array>> = {
  'locales/de.json': new TextEncoder().encode('{"title":"Jira"}'),
}

/** The smallest component: nothing but the preamble. */
export const EMPTY_COMPONENT: Uint8Array = COMPONENT_PREAMBLE
