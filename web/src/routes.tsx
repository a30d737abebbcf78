import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Empty } from './parts/empty.tsx'
import { Shell } from './shell/shell.tsx'

// The addresses are those that the API gives as html_url.

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty title="There is no such page" />,
})

const workspaces = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/workspaces.tsx'), 'Workspaces'),
})

const workspace = createRoute({
  getParentRoute: () => root,
  path: '/$workspace',
  component: lazyRouteComponent(() => import('./pages/workspace.tsx'), 'Workspace'),
})

export const router = createRouter({
  routeTree: root.addChildren([workspaces, workspace]),
  basepath: new URL(document.baseURI).pathname,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
