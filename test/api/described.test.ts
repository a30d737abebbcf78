import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import EXAMPLES from '../../src/api/reference/examples.json' with { type: 'json' }
import { differences, type Schema } from './description.ts'
import { type Description, placesIn } from './operations.ts'
import { type Exchange, examplesOf, record } from './walk.ts'

let description: Description
let exchanges: readonly Exchange[]
before(
  async () => {
    ;({ description, exchanges } = await record())
  },
  { timeout: 120_000 },
)

const operations = () => Object.values(description.paths).flatMap((methods) => Object.values(methods))

describe('every operation', () => {
  test('has been asked, and what it answers is described, member by member', () => {
    const wrong = exchanges.flatMap(({ label, operationId, status, answer }) => {
      const operation = operations().find((one) => one.operationId === operationId)
      const described = operation?.responses[status < 400 ? status : `${String(status)[0]}XX`]
      if (described === undefined) return [`${label}: ${status} is not described`]
      const { schema } = described.content?.['application/json'] ?? {}
      if (schema === undefined || answer === undefined) return []
      return differences(answer, schema, description.components.schemas).map((what) => `${label}: ${what}`)
    })
    assert.deepEqual([...new Set(wrong)], [])
    const seen = new Set(exchanges.map(({ operationId }) => operationId))
    assert.deepEqual(
      operations()
        .map(({ operationId }) => operationId)
        .filter((operationId) => !seen.has(operationId)),
      [],
    )
  })

  test('is shown with what was really sent and answered', () => {
    assert.deepEqual(examplesOf(exchanges), EXAMPLES, 'npm run docs records them anew')
  })

  test('has an example of its path, and wherever something is sent or answered, and each is what its schema says', () => {
    const wrong = operations().flatMap(({ operationId, parameters = [], requestBody, responses }) => {
      const done = Object.entries(responses).filter(([status]) => status.startsWith('2'))
      const contents = [requestBody, ...done.map(([, response]) => response)].flatMap(
        (one): { readonly schema: Schema; readonly example?: unknown }[] => Object.values(one?.content ?? {}),
      )
      const shown = parameters.filter((one) => one.in === 'path' || one.example !== undefined)
      return [...shown, ...contents].flatMap(({ schema, example }) =>
        example === undefined
          ? [`${operationId} has none`]
          : differences(example, schema, description.components.schemas).map(
              (what) => `${operationId}: ${what}`,
            ),
      )
    })
    assert.deepEqual(wrong, [])
    assert.ok(placesIn(description).length > 80)
  })
})
