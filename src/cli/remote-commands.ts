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

const COMMENT: Option = { name: 'comment', value: 'TEXT', summary: 'what is to be said to it in the record' }
const VARIABLES: readonly Option[] = [
  { name: 'variable', value: 'KEY=VALUE', repeatable: true, summary: 'pass a variable' },
  {
    name: 'secret-variable',
    value: 'KEY',
    repeatable: true,
    summary: 'pass one that is kept secret; the values are lines of standard input',
  },
]

/** What works through the API of a service, which TAGBOAT_URL and TAGBOAT_TOKEN lead to. */
export const REMOTE_COMMANDS: readonly Command[] = [
  {
    name: 'apply',
    operands: ['FILE'],
    summary: 'Make the pipelines of a project as a buddy.yml says; - is standard input',
    options: [{ name: 'dry-run', summary: 'show what would be changed, change nothing' }, ...IN_PROJECT],
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'export',
    operands: ['[PIPELINE]'],
    summary: 'Print a pipeline, or all of a project, as a buddy.yml without secrets',
    options: IN_PROJECT,
    load: async () => (await import('./apply.ts')).exportPipelines,
  },
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
      ...VARIABLES,
      COMMENT,
      { name: 'delay-until', value: 'DATE', summary: 'run it then, not now' },
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
    summary: 'Say yes to an execution that waits for it, or give the variables that it waits for',
    options: [...VARIABLES, COMMENT, ...IN_PROJECT],
    load: async () => (await import('./execution.ts')).approve,
  },
  {
    name: 'cancel',
    operands: ['PIPELINE', '[EXECUTION]'],
    summary: 'Call an execution off',
    options: [COMMENT, ...IN_PROJECT],
    load: async () => (await import('./execution.ts')).cancel,
  },
]
