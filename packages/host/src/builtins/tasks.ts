import type { JsonObject } from '@morphee/core'
import { parseManifestYaml } from '@morphee/manifest'
import type { CollectionRules } from '../data/store-data-provider.ts'
import type { BuiltinDefinition } from '../extension/builtin.ts'
import { type BuiltinEntry, BuiltinFailure } from '../runtimes/builtin-runtime.ts'

const MANIFEST = `
manifest: 1
name: morphee/tasks
version: 1.0.0
title: Tasks
description: The application's own tasks
permissions:
  - data:read: { collections: [tasks] }
  - data:write: { collections: [tasks] }
  - event:emit: { topics: [task.created, task.completed] }
actions:
  create-task:
    title: Create a task
    effect: write
    input:
      type: object
      required: [title]
      additionalProperties: false
      properties: { title: { type: string, minLength: 1, maxLength: 500 } }
    output: &task
      type: object
      required: [id, title, done]
      additionalProperties: false
      properties: { id: { type: string }, title: { type: string }, done: { type: boolean } }
  list-tasks:
    title: List tasks
    effect: read
    input: { type: object, additionalProperties: false }
    output:
      type: object
      required: [tasks]
      properties: { tasks: { type: array, items: *task } }
  complete-task:
    title: Complete a task
    effect: write
    input:
      type: object
      required: [id]
      additionalProperties: false
      properties: { id: { type: string, maxLength: 100 } }
    output: *task
`

/** The collection that the tasks are in; extensions reach it by `data:read` and `data:write` on `tasks`. */
export const TASKS_COLLECTION: CollectionRules = {
  id: 'task',
  schema: {
    type: 'object',
    required: ['title', 'done'],
    additionalProperties: false,
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 500 },
      done: { type: 'boolean' },
    },
  },
}

const PAGE = 1000

/** The first built-in integration: tasks of a workspace, behind the same doors as everybody's extension. */
export function createTasks(): BuiltinDefinition {
  return {
    manifest: parseManifestYaml(MANIFEST),
    actions: {
      'create-task': async (input, { data, events }) => {
        const title = String((input as JsonObject)['title'])
        const task = toTask(await data.create('tasks', { title, done: false }))
        await events.emit('task.created', task)
        return task
      },
      'list-tasks': async (_input, { data }) => {
        const tasks: JsonObject[] = []
        let cursor: string | undefined
        do {
          const page = await data.query('tasks', {}, PAGE, cursor)
          tasks.push(...page.entries.map(toTask))
          cursor = page.cursor
        } while (cursor !== undefined)
        return { tasks }
      },
      'complete-task': async (input, { data, events }) => {
        const id = String((input as JsonObject)['id'])
        const entry = await data.get('tasks', id)
        if (entry === undefined)
          throw new BuiltinFailure({ code: 'not-found', message: `There is no task ${id}` })
        const { title } = JSON.parse(entry.json) as { readonly title: string }
        const task = toTask(await data.update('tasks', entry, { title, done: true }))
        await events.emit('task.completed', task)
        return task
      },
    },
  }
}

function toTask({ id, json }: BuiltinEntry): JsonObject {
  return { id, ...(JSON.parse(json) as JsonObject) }
}
