import type { FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { type Action, type ActionId, type JsonObject, ModelError, type Pipeline, type Store } from '#model'
import {
  type Definition,
  formatProblem,
  type PipelineDefinition,
  parsePipelines,
  YamlError,
  type YamlProblem,
} from '#yaml'
import { allow } from './allow.ts'
import { callerOn } from './authenticate.ts'
import { readMembers } from './body.ts'
import { invalid, refusalOf } from './errors.ts'
import { identifyActions } from './export.ts'
import type { InPipeline, InProject } from './find.ts'
import { type Finder, finderIn } from './finder.ts'
import { checkGrants } from './grants.ts'
import { replaceVariables, scopeWithin } from './variables.ts'
import { blankAction, decodeAction, decodeActionPatch, typeOf } from './wire/action.ts'
import { ActionBody } from './wire/action-schema.ts'
import { blankPipeline, decodePipeline, decodePipelinePatch, PipelineBody } from './wire/pipeline.ts'
import { completeVariables, decodeBody, decodeYaml, withIds } from './wire/yaml.ts'

/**
 * Makes pipelines of a project as a text in Base64 says, all of them or none. `only`: the one pipeline that the text is about, whatever it is
 * to be called from now on.
 * @throws YamlError with every problem and its place.
 */
export async function importPipelines(
  store: Store,
  request: FastifyRequest,
  place: InProject,
  yaml: string,
  only?: Pipeline,
): Promise<readonly Pipeline[]> {
  const text = decodeYaml(yaml)
  return store.transaction((within) => new PipelineImport(within, request, place).run(text, only))
}

/** A definition whose body has been found to be one. */
interface Checked<B> {
  readonly definition: Definition
  readonly body: B
}
type CheckedAction = Checked<Static<typeof ActionBody>>
type CheckedPipeline = Checked<Static<typeof PipelineBody>> & { readonly actions: readonly CheckedAction[] }

/**
 * Makes pipelines of a project as a text says: those that it knows by their identifiers are changed into that, the others are made, and so it
 * is with their actions. What a text leaves out is as if nobody had ever said it, but for variables and permissions: these stay. It is meant
 * for a transaction: where it throws, it has done half.
 */
export class PipelineImport {
  readonly #store: Store
  readonly #request: FastifyRequest
  readonly #place: InProject
  readonly #finder: Finder
  readonly #problems: YamlProblem[] = []

  constructor(store: Store, request: FastifyRequest, place: InProject) {
    this.#store = store
    this.#request = request
    this.#place = place
    this.#finder = finderIn(store, request, place)
  }

  async run(text: string, only?: Pipeline): Promise<readonly Pipeline[]> {
    const definitions = parsePipelines(text)
    const checked = []
    for (const definition of only === undefined ? definitions : [theOne(definitions, only)])
      checked.push(await this.#checkPipeline(definition))
    this.#refuseProblems()
    const page = { page: 1, perPage: 100_000 }
    const { items: known } = await this.#store.pipelines.list(this.#place.project.id, page)
    const pipelines = []
    for (const one of checked) {
      const before = only ?? known.find(({ identifier }) => identifier === one.body.identifier)
      pipelines.push(await this.#applyPipeline(one, before))
    }
    this.#refuseProblems()
    return pipelines.filter((pipeline) => pipeline !== undefined)
  }

  async #checkPipeline(definition: PipelineDefinition): Promise<CheckedPipeline> {
    const checked = await this.#check(definition, PipelineBody, (given) => withIds(given, this.#finder))
    const actions = []
    for (const action of definition.actions) actions.push(await this.#check(action, ActionBody))
    return { ...checked, actions }
  }

  async #check<S extends TSchema>(
    definition: Definition,
    schema: S,
    complete = async (body: JsonObject): Promise<JsonObject> => body,
  ): Promise<Checked<Static<S>>> {
    const body = await this.#attempt(definition, async () => {
      const members = readMembers(await complete(decodeBody(definition, schema)))
      const validate = this.#request.compileValidationSchema(schema as object)
      if (!validate(members)) for (const error of validate.errors ?? []) throw refusalOf(error)
      return members as Static<S>
    })
    // Where it is none, nothing is done with it: its problem is told.
    return { definition, body: body as Static<S> }
  }

  async #applyPipeline(
    { definition, body, actions }: CheckedPipeline,
    before: Pipeline | undefined,
  ): Promise<Pipeline | undefined> {
    const { pipelines } = this.#store
    const pipeline = await this.#attempt(definition, async () => {
      if (before === undefined) {
        const draft = decodePipeline(body, this.#place.project)
        if (draft.permissions !== undefined) await checkGrants(this.#store, this.#place, draft.permissions)
        return pipelines.create({ ...draft, creatorId: callerOn(this.#request).person.id })
      }
      allow(this.#request, { ...this.#place, pipeline: before })
      const { permissions, paused } = before
      const changed = decodePipelinePatch(body, { ...blankPipeline(before), permissions, paused })
      if (changed.permissions !== undefined) await checkGrants(this.#store, this.#place, changed.permissions)
      return pipelines.save(changed)
    })
    if (pipeline === undefined) return undefined
    const place = { ...this.#place, pipeline }
    await this.#attempt(definition, () => this.#applyVariables(place, body.variables))
    await this.#applyActions(place, actions)
    return pipeline
  }

  async #applyActions(place: InPipeline, wanted: readonly CheckedAction[]): Promise<void> {
    const { actions } = this.#store
    const before = await actions.list(place.pipeline.id)
    const identifiers = identifyActions(before)
    const left = new Map(before.map((action) => [identifiers.get(action.id), action]))
    let last: ActionId | 'first' = 'first'
    for (const { definition, body } of wanted) {
      const known = left.get(body.identifier)
      const action = await this.#attempt(definition, () => this.#applyAction(place, body, known, last))
      if (action === undefined) continue
      // One of another type takes the place of the old one, which goes.
      if (action.id === known?.id) left.delete(body.identifier)
      await this.#attempt(definition, () => this.#applyVariables(place, body.variables, action))
      last = action.id
    }
    for (const { id } of left.values()) await actions.remove(id)
  }

  async #applyAction(
    { pipeline }: InPipeline,
    body: CheckedAction['body'],
    known: Action | undefined,
    after: ActionId | 'first',
  ): Promise<Action> {
    const { actions } = this.#store
    if (known === undefined || known.type !== typeOf(body))
      return actions.create(await decodeAction(body, pipeline, this.#finder), after)
    // What is missing of an image is missed, and not what was there before.
    const whole = known.type === 'promote-image' ? { src: {}, dest: {}, ...body } : body
    return actions.save(await decodeActionPatch(whole, blankAction(known), pipeline, this.#finder), after)
  }

  async #applyVariables(
    place: InPipeline,
    variables: CheckedAction['body']['variables'],
    action?: Action,
  ): Promise<void> {
    await replaceVariables(this.#store, scopeWithin(place, action), completeVariables(variables))
  }

  /** Notes what is wrong, so that all of it is told at once. What the database refuses ends the transaction, and so this. */
  async #attempt<T>(definition: Definition, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ModelError) || error.field === undefined) throw error
      const { code, field, message } = error
      const problem = definition.problem(field.split('.'), message.replace(`${field}: `, ''))
      if (code !== 'INVALID')
        throw new ModelError(code, formatProblem(problem), { field: `yaml.${problem.path}` })
      this.#problems.push(problem)
      return undefined
    }
  }

  #refuseProblems(): void {
    if (this.#problems.length > 0) throw new YamlError('YAML_INVALID', this.#problems)
  }
}

function theOne(definitions: readonly PipelineDefinition[], { identifier }: Pipeline): PipelineDefinition {
  const [first, ...others] = definitions
  const named = definitions.find(({ body }) => body.identifier === identifier)
  const found = named ?? (others.length === 0 ? first : undefined)
  if (found === undefined) throw invalid('yaml', `has several pipelines, and none of them is ${identifier}`)
  return found
}
