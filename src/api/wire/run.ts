import { type Static, Type } from 'typebox'
import type { ExecutionRequest, PassedVariable } from '#engine'
import { type ActionId, type ExecutionSummary, type Json, type JsonObject, Secret } from '#model'
import { invalid } from '../errors.ts'
import { Id, Name, Nullable, Text, Word } from './schema.ts'
import { decodePassed, PassedVariables } from './variable.ts'
import { PRIORITIES } from './words.ts'

const Named = Type.Object({ name: Name })
const Revision = Type.Object({ revision: Name })

/** What of git, and around it, a run is asked for with. It is kept and given back, and told to actions as variables; nothing here follows it. */
const askedFields = {
  branch: Type.Optional(Named),
  tag: Type.Optional(
    Type.Unsafe<string | Static<typeof Named>>({
      description: 'The older clients send its name alone',
      anyOf: [Named, Name],
    }),
  ),
  pull_request: Type.Optional(Named),
  from_revision: Type.Optional(Revision),
  to_revision: Type.Optional(Revision),
  refresh: Type.Optional(Type.Boolean({ description: 'From scratch' })),
  clear_cache: Type.Optional(Type.Boolean()),
  environment: Type.Optional(Name),
  package_version: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'A package and its version: name:version' }),
  ),
}

/** What a run can be asked for with. */
export const RunBody = Type.Object(
  {
    comment: Type.Optional(Text),
    priority: Type.Optional(Word(PRIORITIES)),
    actions_to_run: Type.Optional(Type.Array(Id)),
    delay_until: Type.Optional(Text),
    variables: Type.Optional(PassedVariables),
    ...askedFields,
    expected: Type.Optional(
      Type.Array(Type.Object({ action_id: Id, digest: Text }), {
        maxItems: 500,
        description: 'The digests that a plan has shown: these actions promote them and no others',
      }),
    ),
    rollback: Type.Optional(
      Type.Object(
        { action_id: Id, digest: Text },
        {
          description:
            'Put the tag of this promotion back to what it has put there before, and do nothing else',
        },
      ),
    ),
  },
  { title: 'Run' },
)

const NOWHERE = { url: Nullable(Type.String()), html_url: Nullable(Type.String()) }
const RefView = Type.Object({ ...NOWHERE, name: Type.String() })
const BranchView = Type.Object({ ...RefView.properties, default: Nullable(Type.Boolean()) })
const CommitView = Type.Object({
  ...NOWHERE,
  revision: Type.String(),
  author_date: Nullable(Type.String()),
  commit_date: Nullable(Type.String()),
  message: Nullable(Type.String()),
  committer: Nullable(Type.String()),
  author: Nullable(Type.String()),
})

/** What an execution says of the same. */
export const askedMembers = {
  refresh: Type.Boolean(),
  clear_cache: Type.Boolean(),
  branch: Nullable(BranchView),
  tag: Nullable(RefView),
  pull_request: Nullable(RefView),
  from_revision: Nullable(CommitView),
  to_revision: Nullable(CommitView),
  environment: Nullable(Type.String()),
  package_version: Nullable(Type.String()),
}

type Body = Static<typeof RunBody>

/** What was asked for, with each name and revision as a text. */
interface Asked {
  readonly branch?: string | undefined
  readonly tag?: string | undefined
  readonly pull_request?: string | undefined
  readonly from_revision?: string | undefined
  readonly to_revision?: string | undefined
  readonly refresh?: boolean | undefined
  readonly clear_cache?: boolean | undefined
  readonly environment?: string | undefined
  readonly package_version?: string | undefined
}

/** What a run that is asked for means. */
export function decodeRun(body: Body = {}): Omit<ExecutionRequest, 'creatorId' | 'triggeredOn'> {
  const { priority, comment, actions_to_run, delay_until, variables, expected, rollback } = body
  const { branch, tag, pull_request, from_revision, to_revision, ...others } = body
  const { refresh, clear_cache, environment, package_version } = others
  const asked = decodeAsked({
    ...{ refresh, clear_cache, environment, package_version },
    branch: branch?.name,
    tag: typeof tag === 'string' ? tag : tag?.name,
    pull_request: pull_request?.name,
    from_revision: from_revision?.revision,
    to_revision: to_revision?.revision,
  })
  return {
    ...(priority !== undefined && { priority: PRIORITIES[priority] }),
    ...(comment !== undefined && { comment }),
    ...(actions_to_run !== undefined && { actionsToRun: actions_to_run as ActionId[] }),
    ...(delay_until !== undefined && { delayUntil: decodeDate('delay_until', delay_until) }),
    extras: asked.extras,
    variables: [...decodePassed(variables), ...asked.variables],
    ...(rollback !== undefined && {
      rollback: { actionId: rollback.action_id as ActionId, digest: rollback.digest },
    }),
    ...(expected !== undefined && {
      expected: expected.map(({ action_id, digest }) => ({ actionId: action_id as ActionId, digest })),
    }),
  }
}

/** What is kept of it, and what actions know of it. `HEAD` is no revision that anybody here could know. */
export function decodeAsked(asked: Asked): {
  readonly extras: JsonObject
  readonly variables: readonly PassedVariable[]
} {
  const { branch, tag, pull_request, from_revision, to_revision } = asked
  const told = {
    BUDDY_RUN_BRANCH: branch,
    BUDDY_RUN_TAG: tag,
    BUDDY_RUN_PR_NO: pull_request,
    BUDDY_RUN_PRE_COMMIT: from_revision === 'HEAD' ? undefined : from_revision,
    BUDDY_RUN_COMMIT: to_revision === 'HEAD' ? undefined : to_revision,
  }
  return {
    extras: Object.fromEntries(given<Json>({ ...asked })),
    variables: given(told).map(([key, value]) => ({ key, value: new Secret(value), encrypted: false })),
  }
}

/** There is no repository: what only that knows is null. */
export function encodeAsked({ extras }: Pick<ExecutionSummary, 'extras'>) {
  const asked = extras as Asked
  return {
    refresh: asked.refresh ?? false,
    clear_cache: asked.clear_cache ?? false,
    branch: asked.branch === undefined ? null : { ...NO_URLS, name: asked.branch, default: null },
    tag: asked.tag === undefined ? null : { ...NO_URLS, name: asked.tag },
    pull_request: asked.pull_request === undefined ? null : { ...NO_URLS, name: asked.pull_request },
    from_revision: encodeCommit(asked.from_revision),
    to_revision: encodeCommit(asked.to_revision),
    environment: asked.environment ?? null,
    package_version: asked.package_version ?? null,
  }
}

const NO_URLS = { url: null, html_url: null }

function encodeCommit(revision: string | undefined) {
  if (revision === undefined) return null
  const unknown = { author_date: null, commit_date: null, message: null, committer: null, author: null }
  return { ...NO_URLS, revision, ...unknown }
}

function given<T>(members: Readonly<Record<string, T | undefined>>): readonly [string, T][] {
  return Object.entries(members).filter((entry): entry is [string, T] => entry[1] !== undefined)
}

function decodeDate(field: string, text: string): Date {
  const date = new Date(text)
  if (!/^\d{4}-/.test(text) || Number.isNaN(date.getTime())) throw invalid(field, 'is no date')
  return date
}
