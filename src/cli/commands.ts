import type { Command, Option } from './command.ts'
import { REMOTE_COMMANDS } from './remote-commands.ts'

const JSON_OPTION: Option = { name: 'json', summary: 'print one JSON object on standard output' }

const TAGS: Option = {
  name: 'tags',
  value: 'GLOB',
  repeatable: true,
  summary: 'promote every tag that matches; SOURCE and TARGET are repositories then',
}

const FROM: Option = {
  name: 'from',
  value: 'FILE',
  summary: 'promote what this YAML lists, each with source, target and, for many, tags; no operands then',
}

const REFERRERS: readonly Option[] = [
  {
    name: 'referrers',
    summary: 'look for signatures, SBOMs and attestations also where the image is there already',
  },
  { name: 'no-referrers', summary: 'leave them behind; otherwise they come along when the image is copied' },
]

const PLATFORM: Option = {
  name: 'platform',
  value: 'OS/ARCH[/VARIANT]',
  repeatable: true,
  summary:
    'of an index, what is for this platform alone; its digest changes where the target takes no part of one',
}

const ONE_SIDE: readonly Option[] = [
  {
    name: 'username',
    value: 'NAME',
    summary: 'log in as NAME; the password is the first line of standard input',
  },
  {
    name: 'password-stdin',
    summary: 'says that the password is on standard input, which is where it is read anyway',
  },
]

const TWO_SIDES: readonly Option[] = [
  {
    name: 'source-username',
    value: 'NAME',
    summary: 'log in at the source as NAME; passwords are lines of standard input, source first',
  },
  { name: 'target-username', value: 'NAME', summary: 'log in at the target as NAME' },
  {
    name: 'username',
    value: 'NAME',
    summary: 'log in as NAME, where source and target are in one registry',
  },
  {
    name: 'password-stdin',
    summary: 'says that passwords are on standard input, which is where they are read anyway',
  },
]

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'copy',
    operands: ['SOURCE', 'TARGET'],
    instead: 'from',
    summary:
      'Promote one image, or many tags: retag it inside a registry or copy it to another, digest unchanged',
    options: [
      TAGS,
      FROM,
      PLATFORM,
      ...REFERRERS,
      { name: 'dry-run', summary: 'show what would be done, write nothing' },
      { name: 'create-repository', summary: 'make the repository of TARGET at Amazon ECR, if it is missing' },
      JSON_OPTION,
      ...TWO_SIDES,
    ],
    load: async () => (await import('./copy.ts')).copy,
  },
  {
    name: 'plan',
    operands: ['SOURCE', 'TARGET'],
    instead: 'from',
    summary: 'Show each move that copy would make, and its bytes; write nothing',
    options: [TAGS, FROM, PLATFORM, ...REFERRERS, JSON_OPTION, ...TWO_SIDES],
    load: async () => (await import('./copy.ts')).showPlan,
  },
  {
    name: 'inspect',
    operands: ['REFERENCE'],
    summary: 'Show what is behind a name: digest, platforms, blobs, annotations',
    options: [JSON_OPTION, ...ONE_SIDE],
    load: async () => (await import('./inspect.ts')).inspect,
  },
  ...REMOTE_COMMANDS,
  {
    name: 'doctor',
    operands: ['REFERENCE'],
    summary:
      'Say what is missing to pull or push an image: name, TLS, credentials, rights, repository, quota',
    options: [
      {
        name: 'pull',
        summary: 'look at pulling alone; otherwise an upload is begun there and given up again',
      },
      JSON_OPTION,
      ...ONE_SIDE,
    ],
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'serve',
    operands: [],
    summary: 'Run the service: API, database and worker, until it is told to stop',
    options: [
      { name: 'no-worker', summary: 'leave the work to tagboat worker; both on TAGBOAT_DATABASE_URL' },
    ],
    service: true,
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'worker',
    operands: [],
    summary: 'Run what the service on the same TAGBOAT_DATABASE_URL has been asked for; any number of them',
    options: [],
    service: true,
    load: async () => (await import('./serve.ts')).work,
  },
  {
    name: 'token',
    operands: ['create', 'NAME'],
    summary: 'Make a token for the API and print it, this once; works beside a running service',
    options: [
      { name: 'scopes', value: 'A,B', summary: 'what it may do; everything unless given' },
      { name: 'expires-in', value: 'DAYS', summary: 'how long it lives; for ever unless given' },
    ],
    service: true,
    load: async () => (await import('./token.ts')).token,
  },
  {
    name: 'keys',
    operands: ['rotate'],
    summary: 'Seal all secrets with a new master key and retire the old one; works beside a running service',
    options: [],
    service: true,
    load: async () => (await import('./keys.ts')).keys,
  },
  {
    name: 'backup',
    operands: ['FILE'],
    summary:
      'Write all data into FILE, or - for standard output, without the master key; works beside a running service',
    options: [],
    service: true,
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    name: 'restore',
    operands: ['FILE'],
    summary: 'Fill an empty database with the backup in FILE, or - for standard input',
    options: [],
    service: true,
    load: async () => (await import('./backup.ts')).restore,
  },
  {
    name: 'config',
    operands: [],
    summary: 'Show every setting with its value and where it came from, secrets masked',
    options: [JSON_OPTION],
    load: async () => (await import('./config.ts')).showConfig,
  },
]
