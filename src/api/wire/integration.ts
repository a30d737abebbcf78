import { type Static, Type } from 'typebox'
import {
  type Integration,
  type IntegrationSecrets,
  type IntegrationType,
  type PipelineId,
  type PipelinePlace,
  REQUIRED_SECRETS,
  type RegistryIntegrationType,
  type Role,
  Secret,
  slugOf,
  USUAL_PERMISSIONS,
  type Workspace,
} from '#model'
import { invalid } from '../errors.ts'
import type { Links } from '../links.ts'
import { decodeGrants, encodeGrants, GrantsBody, GrantsView, INTEGRATION_LEVELS } from './grants.ts'
import { encodePipeline } from './pipeline.ts'
import { extrasOf, HtmlUrl, Id, Name, Nullable, optional, Text, Url, Word } from './schema.ts'
import { encodeWord, INTEGRATION_TYPES } from './words.ts'

const SCOPES = { WORKSPACE: 'workspace', PROJECT: 'project', ENVIRONMENT: 'environment' } as const
const Hidden = Type.String({ maxLength: 64 * 1024, writeOnly: true })

/** Which members hold which secret; some have two names. */
const SECRETS = {
  username: 'username',
  password: 'password',
  token: 'token',
  access_key: 'accessKey',
  access_key_id: 'accessKey',
  secret_key: 'secretKey',
  secret_access_key: 'secretKey',
  session_token: 'sessionToken',
  region: 'region',
  api_key: 'apiKey',
  tenant_id: 'tenantId',
  shop: 'shop',
  email: 'email',
  partner_token: 'partnerToken',
  config: 'config',
} as const satisfies Record<string, keyof IntegrationSecrets>

const AUTH_TYPES = {
  DEFAULT: 1,
  OAUTH: 1,
  TOKEN: 1,
  API_KEY: 1,
  APP: 1,
  APP_SPRYKER: 1,
  TOKEN_APP_EXTENSION: 1,
  OIDC: 1,
  TRUSTED: 1,
  APP_RW: 1,
} as const
/** Kept and given back. `host_url` and `app_id` are part of some credentials; the others have no effect here. */
const EXTRAS = {
  host_url: Text,
  app_id: Text,
  google_project: Text,
  webhook_address: Text,
  audience: Text,
  atop_url: Text,
}

const RoleAssumptions = Type.Array(
  Type.Object({
    arn: Type.String({ pattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\x21-\\x7e]{1,512}$' }),
    external_id: Type.Optional(Type.String({ pattern: '^[\\w+=,.@:/-]{2,1224}$' })),
    duration: Type.Optional(Type.Integer({ minimum: 900, maximum: 43200, description: 'In seconds' })),
  }),
  { maxItems: 10, writeOnly: true, description: 'Taken on one after the other, the first with the keys' },
)

const members = {
  role_assumptions: Type.Optional(RoleAssumptions),
  identifier: Type.Optional(Name),
  auth_type: Type.Optional(Word(AUTH_TYPES)),
  scope: Type.Optional(Word(SCOPES)),
  project_name: Type.Optional(Name),
  permissions: Type.Optional(
    Type.Object({
      ...GrantsBody(INTEGRATION_LEVELS).properties,
      admins: Type.Optional(Word(INTEGRATION_LEVELS)),
    }),
  ),
  all_pipelines_allowed: Type.Optional(Type.Boolean()),
  allowed_pipelines: Type.Optional(Type.Array(Type.Object({ id: Id }), { maxItems: 1000 })),
  ...Object.fromEntries(Object.keys(SECRETS).map((name) => [name, Type.Optional(Hidden)])),
  ...optional(EXTRAS),
}
export const IntegrationBody = Type.Object({ name: Name, type: Word(INTEGRATION_TYPES), ...members })
export const IntegrationPatch = Type.Object({
  name: Type.Optional(Name),
  type: Type.Optional(Word(INTEGRATION_TYPES)),
  ...members,
})
export const IntegrationView = Type.Object(
  {
    url: Url,
    html_url: HtmlUrl,
    hash_id: Type.String(),
    identifier: Type.String(),
    name: Type.String(),
    type: Word(INTEGRATION_TYPES),
    auth_type: Type.String(),
    scope: Word(SCOPES),
    project_name: Nullable(Type.String()),
    app_id: Nullable(Type.String()),
    google_project: Nullable(Type.String()),
    host_url: Nullable(Type.String()),
    webhook_address: Nullable(Type.String()),
    audience: Nullable(Type.String()),
    atop_url: Nullable(Type.String()),
    permissions: Type.Object(
      {
        ...GrantsView(INTEGRATION_LEVELS, 'Integration').properties,
        admins: Word(INTEGRATION_LEVELS),
      },
      { title: 'IntegrationPermissions' },
    ),
    all_pipelines_allowed: Type.Boolean(),
    allowed_pipelines: Type.Array(
      Type.Object({
        url: Url,
        html_url: HtmlUrl,
        id: Type.Integer(),
        identifier: Type.String(),
        name: Type.String(),
      }),
    ),
  },
  { title: 'Integration' },
)

type Body = Static<typeof IntegrationPatch> & { readonly [name: string]: unknown }
type Draft = Omit<Integration, 'hash' | 'createdAt'>

/** `taken`: the identifiers that there are; where none is sent, one is made that is not among them. */
export function decodeIntegration(
  body: Static<typeof IntegrationBody>,
  workspace: Workspace,
  taken: readonly string[],
): Draft {
  const type = INTEGRATION_TYPES[body.type] as IntegrationType
  return checked({
    workspaceId: workspace.id,
    identifier:
      body.identifier === undefined ? identifierFor(body, taken) : decodeIdentifier(body.identifier),
    name: body.name,
    type,
    authType: body.auth_type ?? usualAuthType(body.type),
    scope: SCOPES[body.scope ?? 'WORKSPACE'],
    projectName: body.scope === 'PROJECT' ? body.project_name : undefined,
    secrets: secretsOf(body),
    ...restrictionsOf(body, { permissions: USUAL_PERMISSIONS, allPipelines: true, pipelines: [] }),
    extras: extrasOf(EXTRAS, body),
  })
}

function usualAuthType(type: Static<typeof IntegrationBody>['type']): keyof typeof AUTH_TYPES {
  return type === 'SHOPIFY' ? 'TOKEN' : 'DEFAULT'
}

/** Secrets that are not sent stay; those that are replace the ones before. */
export function decodeIntegrationPatch(body: Body, before: Integration): Integration {
  if (body.type !== undefined && INTEGRATION_TYPES[body.type] !== before.type)
    throw invalid('type', 'cannot be changed')
  checkHost(body, before)
  const scope = body.scope === undefined ? before.scope : SCOPES[body.scope]
  return checked({
    ...before,
    identifier: decodeIdentifier(body.identifier ?? before.identifier),
    name: body.name ?? before.name,
    authType: body.auth_type ?? before.authType,
    scope,
    projectName: scope === 'project' ? (body.project_name ?? before.projectName) : undefined,
    secrets: { ...before.secrets, ...secretsOf(body) },
    ...restrictionsOf(body, before),
    extras: { ...before.extras, ...extrasOf(EXTRAS, body) },
  })
}

/** The token goes to the registry of the host: one that was kept goes to no other. */
function checkHost(body: Body, { type, extras }: Integration): void {
  const moved = body.host_url !== undefined && body.host_url !== extras.host_url
  if (type === 'gitlab' && moved && body.token === undefined)
    throw invalid('token', 'is needed: the host is another one')
}

/** Without anything that is secret, and without the user name and region, which Buddy keeps to itself too. */
export function encodeIntegration(
  integration: Integration,
  { workspace, allowed }: { readonly workspace: Workspace; readonly allowed: readonly PipelinePlace[] },
  links: Links,
) {
  const { hash, identifier, name, type, authType, scope, projectName, extras } = integration
  const { permissions, allPipelines } = integration
  const { domain } = workspace
  return {
    url: links.api('workspaces', domain, 'integrations', hash),
    html_url: links.page(domain, '-', 'integrations', hash),
    hash_id: hash,
    identifier,
    name,
    type: encodeWord(INTEGRATION_TYPES, type),
    auth_type: authType,
    scope: scope.toUpperCase(),
    project_name: projectName ?? null,
    app_id: null,
    google_project: null,
    host_url: null,
    webhook_address: null,
    audience: null,
    atop_url: null,
    permissions: {
      ...encodeGrants(permissions, INTEGRATION_LEVELS),
      admins: encodeWord(INTEGRATION_LEVELS, permissions.admins),
    },
    all_pipelines_allowed: allPipelines,
    allowed_pipelines: allowed.map(({ pipeline, project }) => {
      const { url, html_url, id, identifier, name } = encodePipeline(
        pipeline,
        { workspace, project },
        undefined,
        links,
      )
      return { url, html_url, id, identifier, name }
    }),
    ...extras,
  }
}

function restrictionsOf(
  body: Body,
  before: Pick<Integration, 'permissions' | 'allPipelines' | 'pipelines'>,
): typeof before {
  const { permissions, all_pipelines_allowed, allowed_pipelines } = body
  return {
    permissions:
      permissions === undefined
        ? before.permissions
        : {
            ...decodeGrants(permissions, INTEGRATION_LEVELS, USUAL_PERMISSIONS.others),
            admins: INTEGRATION_LEVELS[permissions.admins ?? 'MANAGE'],
          },
    allPipelines: all_pipelines_allowed ?? before.allPipelines,
    pipelines: allowed_pipelines?.map(({ id }) => id as PipelineId) ?? before.pipelines,
  }
}

function secretsOf(body: Body): IntegrationSecrets {
  const found = Object.entries(SECRETS).flatMap(([member, secret]) => {
    const text = body[member]
    if (typeof text !== 'string') return []
    const first = memberOf(secret)
    if (body[first] !== undefined && body[first] !== text) throw invalid(member, `is not the ${first}`)
    return [[secret, new Secret(text)]]
  })
  const roles = body.role_assumptions as Static<typeof RoleAssumptions> | undefined
  return {
    ...Object.fromEntries(found),
    ...(roles && { roles: new Secret(JSON.stringify(roles.map(roleOf))) }),
  }
}

function roleOf({
  arn,
  external_id: externalId,
  duration: durationS,
}: Static<typeof RoleAssumptions>[number]): Role {
  return {
    arn,
    ...(externalId !== undefined && { externalId }),
    ...(durationS !== undefined && { durationS }),
  }
}

function checked<T extends Draft>(integration: T): T {
  const { type, scope, projectName, secrets, authType } = integration
  if (authType === 'OIDC')
    throw invalid('auth_type', 'OIDC is not supported: there is no identity provider here to vouch for a run')
  if (scope === 'project' && projectName === undefined)
    throw invalid('project_name', 'is missing: the scope is PROJECT')
  if (type === 'azure-cloud' && !integration.extras.app_id)
    throw invalid('app_id', 'is missing: AZURE_CLOUD needs it')
  if (!Object.hasOwn(REQUIRED_SECRETS, type)) return integration
  for (const secret of REQUIRED_SECRETS[type as RegistryIntegrationType]) {
    const text = secrets[secret]
    // A secret that cannot be read any more is no reason to refuse the one that replaces it.
    if (text === undefined)
      throw invalid(memberOf(secret), `is missing: ${encodeWord(INTEGRATION_TYPES, type)} needs it`)
  }
  return integration
}

function identifierFor({ name, type }: Static<typeof IntegrationBody>, taken: readonly string[]): string {
  const base = slugOf(name)?.replaceAll('-', '_') ?? type.toLowerCase()
  const free = (count: number): string => {
    const identifier = count === 1 ? base : `${base}_${count}`
    return taken.includes(identifier) ? free(count + 1) : identifier
  }
  return free(1)
}

function memberOf(secret: keyof IntegrationSecrets): string {
  return Object.entries(SECRETS).find(([, each]) => each === secret)?.[0] ?? secret
}

function decodeIdentifier(text: string): string {
  if (/^[A-Za-z0-9_.-]{1,100}$/.test(text)) return text
  throw invalid('identifier', 'is to be letters, digits, _, . and -, 100 at most')
}
