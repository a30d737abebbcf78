import { Button } from '@mantine/core'
import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { HistorySearch } from './pages/history.tsx'
import { Empty } from './parts/empty.tsx'
import { Page } from './parts/page.tsx'
import { STANDINGS, type Standing } from './parts/standing.tsx'
import { Shell } from './shell/shell.tsx'

// The addresses are those that the API gives as html_url. Each page is loaded when it is first gone to.

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Page title="There is no such page">
      <Empty title="Nothing stands at this address">
        It may be that of something that was removed. <Link to="/">All workspaces</Link> are at home.
      </Empty>
    </Page>
  ),
})
const below = { getParentRoute: () => root }

const workspaces = createRoute({
  ...below,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/workspaces.tsx'), 'Workspaces'),
})
const tokens = createRoute({
  ...below,
  path: '/api-tokens',
  component: lazyRouteComponent(() => import('./pages/tokens.tsx'), 'Tokens'),
})
const token = createRoute({
  ...below,
  path: '/api-tokens/details/$token',
  component: lazyRouteComponent(() => import('./pages/tokens.tsx'), 'Tokens'),
})
const workspace = createRoute({
  ...below,
  path: '/$workspace',
  component: lazyRouteComponent(() => import('./pages/workspace.tsx'), 'Workspace'),
})
const projects = createRoute({
  ...below,
  path: '/$workspace/projects',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/$workspace', params, replace: true })
  },
})
const integrations = createRoute({
  ...below,
  path: '/$workspace/-/integrations',
  component: lazyRouteComponent(() => import('./pages/integrations.tsx'), 'Integrations'),
})
const webhooks = createRoute({
  ...below,
  path: '/$workspace/-/webhooks',
  component: lazyRouteComponent(() => import('./pages/webhooks.tsx'), 'Webhooks'),
})
const approvals = createRoute({
  ...below,
  path: '/$workspace/-/approvals',
  component: lazyRouteComponent(() => import('./pages/approvals.tsx'), 'Approvals'),
})
const workspaceVariables = createRoute({
  ...below,
  path: '/$workspace/-/environment-variables',
  component: lazyRouteComponent(() => import('./pages/variables.tsx'), 'WorkspaceVariables'),
})
const projectVariables = createRoute({
  ...below,
  path: '/$workspace/$project/variables',
  component: lazyRouteComponent(() => import('./pages/variables.tsx'), 'ProjectVariables'),
})
const team = createRoute({
  ...below,
  path: '/$workspace/$project/people',
  component: lazyRouteComponent(() => import('./pages/team.tsx'), 'Team'),
})
const people = createRoute({
  ...below,
  path: '/$workspace/-/people',
  component: lazyRouteComponent(() => import('./pages/people.tsx'), 'People'),
})
// What the API knows single ones of, pages show in their list.
const LISTS = {
  'integrations/$id': '/$workspace/-/integrations',
  'people/$id': '/$workspace/-/people',
  'people/groups/$id': '/$workspace/-/people',
  'people/permissions/$id': '/$workspace/-/people',
  'webhooks/$id': '/$workspace/-/webhooks',
  'environment-variables/edit/$id': '/$workspace/-/environment-variables',
} as const
const singles = Object.entries(LISTS).map(([path, to]) =>
  createRoute({
    ...below,
    path: `/$workspace/-/${path as keyof typeof LISTS}`,
    beforeLoad: ({ params: { workspace } }) => {
      throw redirect({ to, params: { workspace }, replace: true })
    },
  }),
)
const myself = createRoute({
  ...below,
  path: '/my-id',
  beforeLoad: () => {
    throw redirect({ to: '/api-tokens', replace: true })
  },
})
const project = createRoute({
  ...below,
  path: '/$workspace/$project',
  validateSearch: ({ place, show }): { place?: string; show?: Standing } => ({
    ...(typeof place === 'string' && { place }),
    ...(STANDINGS.includes(show as Standing) && { show: show as Standing }),
  }),
  component: lazyRouteComponent(() => import('./pages/board.tsx'), 'Board'),
})
const history = createRoute({
  ...below,
  path: '/$workspace/$project/history',
  validateSearch: ({ place, tag, digest, image, person }): HistorySearch => ({
    ...texts({ place, tag, digest, image }),
    ...(typeof person === 'number' && { person }),
  }),
  component: lazyRouteComponent(() => import('./pages/history.tsx'), 'History'),
})
const pipelines = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines',
  component: lazyRouteComponent(() => import('./pages/pipelines.tsx'), 'Pipelines'),
})
const pipeline = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline',
  component: lazyRouteComponent(() => import('./pages/pipeline.tsx'), 'Pipeline'),
})
const projectYaml = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/yaml',
  component: lazyRouteComponent(() => import('./pages/yaml.tsx'), 'ProjectYaml'),
})
const pipelineSettings = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline/settings',
  component: lazyRouteComponent(() => import('./pages/pipeline-settings.tsx'), 'PipelineSettings'),
})
const pipelinePermissions = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline/permissions',
  component: lazyRouteComponent(() => import('./pages/permissions.tsx'), 'PipelinePermissions'),
})
const pipelineYaml = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline/yaml',
  component: lazyRouteComponent(() => import('./pages/yaml.tsx'), 'PipelineYaml'),
})
const newAction = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline/action/new',
  component: lazyRouteComponent(() => import('./pages/action.tsx'), 'NewAction'),
})
const editAction = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/action/$action/edit',
  validateSearch: (search): { pipeline?: number } =>
    typeof search.pipeline === 'number' ? { pipeline: search.pipeline } : {},
  component: lazyRouteComponent(() => import('./pages/action.tsx'), 'EditAction'),
})
const execution = createRoute({
  ...below,
  path: '/$workspace/$project/pipelines/pipeline/$pipeline/execution/$execution',
  component: lazyRouteComponent(() => import('./pages/execution.tsx'), 'Execution'),
})

/** What an address has as text; a tag like 1.0 looks like a number there. */
function texts(search: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) =>
      (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, String(value)]] : [],
    ),
  )
}

export const router = createRouter({
  routeTree: root.addChildren([
    ...[workspaces, tokens, token, workspace, projects, approvals, integrations, webhooks, people],
    ...[workspaceVariables, projectVariables, ...singles, myself],
    ...[project, history, pipelines, pipeline, newAction, editAction, execution, team],
    ...[projectYaml, pipelineSettings, pipelinePermissions, pipelineYaml],
  ]),
  basepath: new URL(document.baseURI).pathname,
  // A mistake of ours, or a newer version whose scripts have other names.
  defaultErrorComponent: () => (
    <Empty
      title="This page broke"
      action={<Button onClick={() => window.location.reload()}>Load it anew</Button>}
    />
  ),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
