import { createId, encodeUtf8, type JsonObject, type JsonValue, tryDecodeUtf8 } from '@morphee/core'
import { parseManifestYaml } from '@morphee/manifest'
import type { BuiltinDefinition } from '../extension/builtin.ts'
import { type BuiltinContext, BuiltinFailure } from '../runtimes/builtin-runtime.ts'

const MANIFEST = `
manifest: 1
name: morphee/tasks
version: 1.0.0
title: Tasks
description: The application's own tasks
permissions:
  - storage:read
  - storage:write
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

interface Task {
  readonly id: string
  readonly title: string
  readonly done: boolean
}

const PREFIX = 'task/'

/** The first built-in integration: tasks of a workspace, behind the same doors as everybody's extension. */
export function createTasks(): BuiltinDefinition {
  return {
    manifest: parseManifestYaml(MANIFEST),
    actions: {
      'create-task': async (input, context) => {
        const task: Task = {
          id: createId('task'),
          title: String((input as JsonObject)['title']),
          done: false,
        }
        await write(context, task)
        return { ...task }
      },
      'list-tasks': async (_input, context) => {
        const tasks: JsonValue[] = []
        let cursor: string | undefined
        do {
          const page = await context.storage.keys(PREFIX, 1000, cursor)
          for (const key of page.keys)
            tasks.push({ ...(await read(context, key.slice(PREFIX.length))) })
          cursor = page.cursor
        } while (cursor !== undefined)
        return { tasks }
      },
      'complete-task': async (input, context) => {
        const task = { ...(await read(context, String((input as JsonObject)['id']))), done: true }
        await write(context, task)
        return task
      },
    },
  }
}

async function read(context: BuiltinContext, id: string): Promise<Task> {
  const bytes = await context.storage.get(PREFIX + id)
  if (bytes === undefined)
    throw new BuiltinFailure({ code: 'not-found', message: `There is no task ${id}` })
  return JSON.parse(tryDecodeUtf8(bytes) ?? 'null') as Task
}

async function write(context: BuiltinContext, task: Task): Promise<void> {
  await context.storage.set(PREFIX + task.id, encodeUtf8(JSON.stringify(task)))
}
