import { Type } from 'typebox'
import type { JsonObject } from '#model'
import { extrasOf, Nullable, optional, Text, Whole, Word } from './schema.ts'

const Texts = Type.Array(Text)
const RESOURCES = { DEFAULT: 1, NANO: 1, SMALL: 1, MEDIUM: 1, LARGE: 1, XLARGE: 1, X2LARGE: 1, CUSTOM: 1 }
/** What clients may say of a pipeline that has no effect here, and what it is when they do not. */
const EXTRAS = {
  definition_source: [Word({ LOCAL: 1, REMOTE: 1 }), 'LOCAL'],
  git_config_ref: [Word({ NONE: 1, DYNAMIC: 1, FIXED: 1 }), 'NONE'],
  git_config: [Type.Object(optional({ project: Text, branch: Text, path: Text })), null],
  refs: [Texts, []],
  tags: [Texts, []],
  folder: [Text, null],
  target_site_url: [Text, null],
  execution_message_template: [Text, null],
  always_from_scratch: [Type.Boolean(), false],
  ignore_fail_on_project_status: [Type.Boolean(), false],
  no_skip_to_most_recent: [Type.Boolean(), false],
  auto_clear_cache: [Type.Boolean(), false],
  fetch_all_refs: [Type.Boolean(), false],
  fail_on_prepare_env_warning: [Type.Boolean(), true],
  clone_depth: [Whole, null],
  do_not_create_commit_status: [Type.Boolean(), false],
  resources: [Word(RESOURCES), 'DEFAULT'],
  remote_path: [Text, null],
  remote_ref: [Text, null],
  remote_branch: [Text, null],
  remote_project_name: [Text, null],
  remote_parameters: [Type.Array(Type.Object(optional({ key: Text, value: Text }))), []],
  git_changeset_base: [Word({ LATEST_RUN: 1, LATEST_RUN_MATCHING_REF: 1, PULL_REQUEST: 1 }), 'LATEST_RUN'],
  filesystem_changeset_base: [Word({ DATE_MODIFIED: 1, CONTENTS: 1 }), 'DATE_MODIFIED'],
  cpu: [Word({ X64: 1, ARM: 1, X86: 1 }), 'X64'],
  description_required: [Type.Boolean(), false],
  worker: [Text, null],
  manage_variables_by_yaml: [Type.Boolean(), false],
  manage_permissions_by_yaml: [Type.Boolean(), false],
} as const

/** What bodies may have of it. */
export const extraSchemas = Object.fromEntries(
  Object.entries(EXTRAS).map(([name, [schema]]) => [name, Type.Optional(schema)]),
)
/** What it is when nobody said it. */
export const extraDefaults = Object.fromEntries(
  Object.entries(EXTRAS).map(([name, [, value]]) => [name, value]),
)
const FULL_ONLY: readonly string[] = ['worker']

/** What views have of it: the full one alone, or the short one too. */
export function viewsOf(full: boolean) {
  return Object.fromEntries(
    Object.entries(EXTRAS)
      .filter(([name]) => FULL_ONLY.includes(name) === full)
      .map(([name, [schema, value]]) => [name, value === null ? Nullable(schema) : schema]),
  )
}

/**
 * What a body has of it, over what there was. A remote definition's branch has two names, and whoever says one has said the other; what git
 * configuration there is goes when none is fixed any more.
 */
export function extrasIn(body: Readonly<Record<string, unknown>>, before: JsonObject = {}): JsonObject {
  const { remote_ref, remote_branch, ...said } = extrasOf(EXTRAS, body)
  const ref = remote_ref ?? remote_branch
  const { git_config_ref = 'FIXED' } = said
  const { git_config, ...kept } = before
  return {
    ...kept,
    ...(git_config !== undefined && git_config_ref === 'FIXED' && { git_config }),
    ...said,
    ...(ref !== undefined && { remote_ref: ref, remote_branch: remote_branch ?? ref }),
  }
}
