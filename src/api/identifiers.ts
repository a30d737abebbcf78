import { type Static, Type } from 'typebox'
import { entitle, isSlug, type Person, type Place, type Store } from '#model'
import { callerOn } from './authenticate.ts'
import { invalid, notFound } from './errors.ts'
import { findWorkspace } from './find.ts'
import { there } from './reach.ts'
import { type Api, type Context, operation } from './route.ts'
import { HtmlUrl, Nullable, Params, Url } from './wire/schema.ts'

const Name = Type.Optional(Type.String())

/** From the names that people use to the numbers that paths are made of. */
export function routeIdentifiers(api: Api, { store, links }: Context): void {
  const querystring = Type.Object({
    project: Type.Optional(Type.String({ description: "The project's name" })),
    pipeline: Type.Optional(Type.String({ description: "The pipeline's identifier, in that project" })),
    ...{ environment: Name, package: Name, package_version: Name, sandbox: Name },
  })
  const View = Type.Object({
    url: Url,
    html_url: HtmlUrl,
    domain: Type.String(),
    project_identifier: Nullable(Type.String()),
    pipeline_id: Nullable(Type.Integer()),
    environment_id: Nullable(Type.String()),
    pkg_id: Nullable(Type.Integer()),
    pkg_version_id: Nullable(Type.Integer()),
    sandbox_id: Nullable(Type.String()),
  })
  api.get(
    '/workspaces/:workspace/identifiers',
    operation(
      'getIdentifiers',
      'Look up what is called so',
      'identifier.read',
      { params: Params('workspace'), querystring },
      { 200: View },
    ),
    async (request) => {
      const { workspace } = await findWorkspace(store, request)
      const { person } = callerOn(request)
      const { project, pipeline, ...others } = givenIn(request.query as Static<typeof querystring>)
      // There are none of these.
      if (Object.keys(others).some((name) => Object.hasOwn(querystring.properties, name))) throw notFound()
      if (project === undefined && pipeline !== undefined)
        throw invalid('project', 'is missing: a pipeline is looked up in its project')
      const { domain } = workspace
      const place =
        project === undefined ? undefined : await placeOf(store, person, domain, project, pipeline)
      const link = links(request)
      return {
        url: link.api('workspaces', domain, 'identifiers'),
        html_url: link.page(domain),
        domain,
        project_identifier: place?.project?.name ?? null,
        pipeline_id: place?.pipeline?.id ?? null,
        ...{ environment_id: null, pkg_id: null, pkg_version_id: null, sandbox_id: null },
      }
    },
  )
}

/** An empty one is none. */
function givenIn<T extends object>(query: T): T {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')) as T
}

/** @throws ModelError NOT_FOUND for what the person cannot see, as for what is not there. */
async function placeOf(
  store: Store,
  person: Person,
  domain: string,
  project: string,
  identifier: string | undefined,
): Promise<Place> {
  if (!isSlug(project)) throw notFound()
  const place = there(await store.places.find(person, { domain, project }))
  if (entitle(person, 'project.read', place) !== 'allowed' || place.project === undefined) throw notFound()
  if (identifier === undefined) return place
  const pipeline = there(await store.pipelines.findNamed(place.project.id, identifier))
  if (entitle(person, 'pipeline.read', { ...place, pipeline }) !== 'allowed') throw notFound()
  return { ...place, pipeline }
}
