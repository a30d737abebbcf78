import { type Static, Type } from 'typebox'
import {
  type Binding,
  isVariableKey,
  Secret,
  type Variable,
  type VariableDraft,
  type VariableKind,
  type VariableScope,
  type Workspace,
} from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { deriveFrom } from '../ssh-key.ts'
import { HtmlUrl, Id, Name, Nullable, Text, Url, Word } from './schema.ts'
import { encodeWord } from './words.ts'

const KINDS = {
  VAR: 'var',
  FILE: 'file',
  SSH_KEY: 'ssh-key',
  SSH_PUBLIC_KEY: 'ssh-public-key',
  IOS_KEYCHAIN: 'ios-keychain',
  IOS_PROVISION_PROFILES: 'ios-provision-profiles',
  GPG_KEY: 'gpg-key',
} as const satisfies Record<string, VariableKind>
const PLACES = { NONE: 'none', CONTAINER: 'container' } as const
/** Secret by their nature, whatever is said of them. */
const PRIVATE: ReadonlySet<VariableKind> = new Set(['ssh-key', 'ios-keychain', 'gpg-key'])

const Value = Type.String({ maxLength: 512 * 1024 })
const members = {
  type: Type.Optional(Word(KINDS)),
  encrypted: Type.Optional(Type.Boolean()),
  settable: Type.Optional(Type.Boolean()),
  run_only_settable: Type.Optional(Type.Boolean()),
  description: Type.Optional(Text),
  file_place: Type.Optional(Word(PLACES)),
  file_path: Type.Optional(Text),
  file_chmod: Type.Optional(Text),
  passphrase: Type.Optional(Value),
  password: Type.Optional(Value),
}
/** A variable of a pipeline or an action, as it is sent with that. */
export const VariableBodies = Type.Array(
  Type.Object({ key: Name, value: Type.Optional(Value), ...members }, { title: 'VariableOf' }),
  { maxItems: 500 },
)
const Numbered = Type.Object({ id: Id })
export const VariableBody = Type.Object({
  key: Name,
  value: Value,
  ...members,
  project: Type.Optional(Type.Object({ name: Name })),
  pipeline: Type.Optional(Numbered),
  action: Type.Optional(Numbered),
  environment: Type.Optional(Type.Object({ id: Type.Optional(Text) })),
})
export const VariablePatch = Type.Object({
  key: Type.Optional(Name),
  value: Type.Optional(Value),
  ...members,
})
/** What is passed to a run, or given as an answer. */
export const PassedVariables = Type.Array(
  Type.Object({ key: Name, value: Type.Optional(Value), encrypted: Type.Optional(Type.Boolean()) }),
  { maxItems: 500 },
)

/** As a run had it. */
export const BindingView = Type.Object({
  key: Type.String(),
  value: Type.String(),
  encrypted: Type.Boolean(),
})
export const VariableView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    id: Type.Integer(),
    key: Type.String(),
    value: Type.String({ description: '`!encrypted …` where it is secret' }),
    type: Word(KINDS),
    encrypted: Type.Boolean(),
    settable: Type.Boolean(),
    run_only_settable: Type.Boolean(),
    description: Nullable(Type.String()),
    file_place: Word(PLACES),
    file_path: Nullable(Type.String()),
    file_chmod: Nullable(Type.String()),
    checksum: Nullable(Type.String({ description: 'SHA-256 of the value' })),
    public_value: Nullable(Type.String()),
    key_fingerprint: Nullable(Type.String()),
    key_identifier: Nullable(Type.String()),
    init_path: Nullable(Type.String()),
    defaults: Nullable(Type.String()),
    binary: Type.Boolean(),
    project: Nullable(Type.Object({ name: Type.String() })),
    pipeline: Nullable(Numbered),
    action: Nullable(Numbered),
    environment: Nullable(Type.Object({ id: Type.String() })),
  },
  { title: 'Variable' },
)

type Body = Static<typeof VariablePatch>

/** A variable that is new in its scope. `place`: where in the body it stands, for a refusal. */
export function decodeVariable(
  body: Body & { readonly key: string },
  scope: VariableScope,
  place = '',
): VariableDraft {
  const kind = KINDS[body.type ?? 'VAR']
  const value = body.value ?? ''
  if (value.startsWith(HIDDEN)) throw invalid(`${place}value`, 'is not known: it is shown to nobody')
  return settle(
    {
      ...scope,
      ...{ key: body.key, kind, encrypted: false, settable: false, runOnlySettable: false },
      value: new Secret(value),
      description: undefined,
      file: { place: 'none', path: undefined, chmod: undefined },
      derived: deriveFrom(kind, value, body.passphrase),
      passphrase: undefined,
      password: undefined,
    },
    body,
    place,
  )
}

/** What is not sent stays, and so does a secret value that comes back as it was shown. Its type is for ever. */
export function decodeVariablePatch<V extends VariableDraft>(before: V, body: Body, place = ''): V {
  if (body.type !== undefined && KINDS[body.type] !== before.kind)
    throw invalid(`${place}type`, 'is for ever: make another variable')
  const { value } = body
  if (value === undefined || (before.encrypted && value.startsWith(HIDDEN)))
    return settle({ ...before }, body, place)
  const opened = body.passphrase ?? before.passphrase?.reveal()
  const derived = deriveFrom(before.kind, value, opened)
  return settle({ ...before, value: new Secret(value), derived }, body, place)
}

function settle<V extends VariableDraft>(variable: V, body: Body, place: string): V {
  const { key = variable.key, passphrase, password } = body
  if (!isVariableKey(key))
    throw invalid(`${place}key`, 'is to be letters, digits and _, 255 at most, with no digit first')
  if (body.run_only_settable && variable.kind !== 'var')
    throw invalid(`${place}run_only_settable`, 'is for the type VAR')
  const encrypted = PRIVATE.has(variable.kind) || (body.encrypted ?? variable.encrypted)
  // What was secret does not become readable by a word.
  if (variable.encrypted && !encrypted && body.value === undefined)
    throw invalid(`${place}encrypted`, 'stays, unless another value comes with it')
  return {
    ...variable,
    ...{ key, encrypted },
    settable: body.settable ?? variable.settable,
    runOnlySettable: body.run_only_settable ?? variable.runOnlySettable,
    description: body.description ?? variable.description,
    file: {
      place: body.file_place === undefined ? variable.file.place : PLACES[body.file_place],
      path: body.file_path ?? variable.file.path,
      chmod: body.file_chmod ?? variable.file.chmod,
    },
    passphrase: passphrase === undefined ? variable.passphrase : new Secret(passphrase),
    password: password === undefined ? variable.password : new Secret(password),
  }
}

/** Later ones of the same key win. */
export function decodePassed(variables: Static<typeof PassedVariables> = []) {
  return variables.map(({ key, value = '', encrypted = false }, index) => {
    if (!isVariableKey(key)) throw invalid(`variables.${index}.key`, 'is no name of a variable')
    return { key, value: new Secret(value), encrypted }
  })
}

/** `project`: the name of the one whose own it is. Only what it is of itself is named, not what that is in: clients compare that with what they sent. */
export function encodeVariable(
  variable: Variable,
  { domain }: Workspace,
  project: string | undefined,
  links: Links,
) {
  const { id, key, kind, encrypted, settable, runOnlySettable, description, file, derived } = variable
  const { pipelineId, actionId } = variable
  return {
    url: links.api('workspaces', domain, 'variables', id),
    html_url: links.page(domain, '-', 'environment-variables', 'edit', id),
    id,
    key,
    value: encrypted ? hidden(id) : variable.value.reveal(),
    type: encodeWord(KINDS, kind),
    encrypted,
    settable,
    run_only_settable: runOnlySettable,
    description: description ?? null,
    file_place: encodeWord(PLACES, file.place),
    file_path: file.path ?? null,
    file_chmod: file.chmod ?? null,
    checksum: derived.checksum ?? null,
    public_value: derived.publicValue ?? null,
    key_fingerprint: derived.fingerprint ?? null,
    key_identifier: null,
    init_path: null,
    defaults: null,
    binary: false,
    project: project === undefined ? null : { name: project },
    pipeline: pipelineId === undefined || actionId !== undefined ? null : { id: pipelineId },
    action: actionId === undefined ? null : { id: actionId },
    environment: null,
  }
}

export function encodeBinding({ key, value, encrypted }: Binding) {
  return { key, value: encrypted ? hidden(key) : value.reveal(), encrypted }
}

const HIDDEN = '!encrypted '

/** Says that there is a value, and nothing about it. */
function hidden(what: number | string): string {
  return HIDDEN + Buffer.from(`variable ${what}`).toString('base64')
}
