import { Document, type Scalar, visit } from 'yaml'
import type { JsonObject } from '#model'
import { ENCRYPTED, MERGE } from './nodes.ts'
import { encodePermissions } from './permissions.ts'

/** What a text is made of: bodies in the words of the API, each with its `identifier`. */
export interface PipelineBody {
  readonly body: JsonObject
  readonly actions: readonly { readonly body: JsonObject }[]
}

/** The text that reads as these pipelines. The same pipelines always make the same text. */
export function formatPipelines(pipelines: readonly PipelineBody[]): string {
  if (pipelines.length === 0) return ''
  const document = new Document(
    pipelines.map(({ body, actions }) => ({
      ...itemOf(body, 'pipeline'),
      ...(actions.length > 0 && { actions: actions.map((action) => itemOf(action.body, 'action')) }),
    })),
    // What older readers would take for something else than a text is quoted.
    { aliasDuplicateObjects: false, compat: 'yaml-1.1' },
  )
  visit(document, { Scalar: (role, node) => dress(node, role === 'key') })
  return document.toString({ lineWidth: 0 })
}

function itemOf(body: JsonObject, kind: 'pipeline' | 'action'): JsonObject {
  const { identifier = null, name = null, permissions = null, ...rest } = body
  return {
    [kind]: identifier,
    ...(name !== identifier && { name }),
    ...rest,
    ...(permissions !== null && { permissions: encodePermissions(permissions) }),
  }
}

function dress(node: Scalar, isKey: boolean): void {
  if (node.value === MERGE) node.type = 'QUOTE_DOUBLE'
  const [, secret] = /^!encrypted (.*)$/s.exec(String(node.value)) ?? []
  if (isKey || secret === undefined) return
  node.tag = ENCRYPTED
  node.value = secret
}
