import type { Command, Option } from './command.ts'

const JSON_OPTION: Option = { name: 'json', summary: 'print one JSON object on standard output' }
const WORKSPACE: Option = {
  name: 'workspace',
  value: 'NAME',
  summary: "the workspace's domain; TAGBOAT_WORKSPACE unless given",
}
const IN_PROJECT: readonly Option[] = [
  WORKSPACE,
  { name: 'project', value: 'NAME', summary: "the project's name; TAGBOAT_PROJECT unless given" },
  JSON_OPTION,
]

/** What works through the API of a service, which TAGBOAT_URL and TAGBOAT_TOKEN lead to. */
export const REMOTE_COMMANDS: readonly Command[] = [
  {
    name: 'pipelines',
    operands: [],
    summary: "Show a project's pipelines, and how they last went",
    options: IN_PROJECT,
    load: async () => (await import('./list.ts')).listPipelines,
  },
  {
    name: 'integrations',
    operands: [],
    summary: "Show a workspace's integrations",
    options: [WORKSPACE, JSON_OPTION],
    load: async () => (await import('./list.ts')).listIntegrations,
  },
  {
    name: 'run',
    operands: ['PIPELINE'],
    summary: 'Run a pipeline, and print where to see it',
    options: [
      { name: 'wait', summary: 'follow it to its end; the exit code is 0 if it was successful, else 1' },
      { name: 'variable', value: 'KEY=VALUE', repeatable: true, summary: 'pass a variable' },
      {
        name: 'secret-variable',
        value: 'KEY',
        repeatable: true,
        summary: 'pass a variable that is kept secret; the values are lines of standard input',
      },
      { name: 'comment', value: 'TEXT', summary: 'what it is run for' },
      ...IN_PROJECT,
    ],
    load: async () => (await import('./execution.ts')).run,
  },
  {
    name: 'follow',
    operands: ['PIPELINE', '[EXECUTION]'],
    summary:
      'Show an execution as it goes on, the newest unless its number is given; 0 if it is successful, else 1',
    options: IN_PROJECT,
    load: async () => (await import('./execution.ts')).follow,
  },
  {
    name: 'approve',
    operands: ['PIPELINE', '[EXECUTION]'],
    summary: 'Say yes to an execution that waits for it',
    options: IN_PROJECT,
    load: async () => (await import('./execution.ts')).approve,
  },
  {
    name: 'cancel',
    operands: ['PIPELINE', '[EXECUTION]'],
    summary: 'Call an execution off',
    options: IN_PROJECT,
    load: async () => (await import('./execution.ts')).cancel,
  },
]
