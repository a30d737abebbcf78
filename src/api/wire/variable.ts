import type { Json, JsonObject } from '#model'

// Kinds of variables whose value anybody may read.
const READABLE: ReadonlySet<Json | undefined> = new Set([undefined, 'VAR', 'FILE', 'SSH_PUBLIC_KEY'])

/**
 * Variables as they are kept and given back while they have no effect: without what is secret in them. What nobody reads need not rest
 * anywhere.
 */
export function keptVariables(variables: readonly JsonObject[]): readonly JsonObject[] {
  return variables.map(({ password: _, passphrase: __, ...variable }) => {
    const { encrypted = false, type } = variable
    const secret = encrypted !== false || !READABLE.has(type)
    return secret && 'value' in variable ? { ...variable, value: null } : variable
  })
}
