import type { FastifyRequest } from 'fastify'
import { isSlug, type Path, type PipelineId } from '#model'
import { notFound } from './errors.ts'
import { LARGEST } from './wire/schema.ts'

interface Params {
  readonly workspace?: string
  readonly project?: string
  readonly pipeline?: string
}

/** What the path names, if there can be such a place. */
export function pathOf(request: FastifyRequest): Path | undefined {
  const { workspace: domain = '', project, pipeline } = request.params as Params
  if (!isSlug(domain) || !isSlug(project ?? domain) || !isNumber(pipeline ?? '1')) return undefined
  return {
    domain,
    ...(project !== undefined && { project }),
    ...(pipeline !== undefined && { pipeline: Number(pipeline) as PipelineId }),
  }
}

/** What cannot be a number of ours is as unknown as a number that nobody has. */
export function numberOf(text: string): number {
  if (!isNumber(text)) throw notFound()
  return Number(text)
}

/** Whether something could have this number. */
export function isNumber(text: string): boolean {
  return /^[1-9][0-9]{0,9}$/.test(text) && Number(text) <= LARGEST
}
