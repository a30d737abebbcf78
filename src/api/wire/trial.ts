import { type Static, Type } from 'typebox'
import type { Trial, TrialResult } from '#engine'
import { Nullable, Text, Url } from './schema.ts'

/** What an integration is to be tried on. */
export const TrialBody = Type.Object({
  image: Type.Optional(
    Type.String({ maxLength: 4096, description: 'Without one, what is true of the whole registry' }),
  ),
  registry: Type.Optional(Text),
  region: Type.Optional(Text),
  push: Type.Optional(
    Type.Boolean({
      description:
        'Whether to begin an upload and give it up again, which nothing else shows; true unless given',
    }),
  ),
})

const STEPS = ['name', 'connection', 'tls', 'credentials', 'pull', 'push', 'repository', 'quota'] as const

export const TrialView = Type.Object({
  url: Url,
  status: Type.Enum(['ok', 'failed'], { description: 'failed: one of the steps did' }),
  registry: Nullable(Type.String()),
  repository: Nullable(Type.String()),
  steps: Type.Array(
    Type.Object({
      step: Type.Enum([...STEPS]),
      status: Type.Enum(['ok', 'failed', 'skipped']),
      code: Nullable(Type.String()),
      message: Type.String(),
      advice: Nullable(Type.String({ description: 'What to do now' })),
    }),
  ),
})

export function decodeTrial({ image, registry, region, push }: Static<typeof TrialBody>): Trial {
  const given = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
  return {
    ...{ image: given(image), registry: given(registry), region: given(region) },
    access: push === false ? 'pull' : 'push',
  }
}

export function encodeTrial({ on, findings }: TrialResult, url: string): Static<typeof TrialView> {
  return {
    url,
    status: findings.some(({ status }) => status === 'failed') ? 'failed' : 'ok',
    registry: on?.registry ?? null,
    repository: on?.repository ?? null,
    steps: findings.map(({ step, status, code, message, advice }) => ({
      ...{ step, status, message },
      code: code ?? null,
      advice: advice ?? null,
    })),
  }
}
