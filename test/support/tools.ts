import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Tool = 'docker-registry' | 'skopeo' | 'chromium'

/** Where the program is on the PATH, or undefined. */
export function findTool(tool: Tool): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, tool)
    try {
      accessSync(path, constants.X_OK)
      if (directory !== '' && statSync(path).isFile()) return path
    } catch {}
  }
  return undefined
}

/**
 * Options for a test that needs the program: it is skipped, with the reason, where the program is missing.
 * With `TAGBOAT_TEST_REQUIRE=all` that is an error instead: somebody promised that all of them are there.
 */
export function requireTool(tool: Tool): { readonly skip: string | false } {
  if (findTool(tool) !== undefined) return { skip: false }
  if (process.env.TAGBOAT_TEST_REQUIRE === 'all') {
    throw new Error(`${tool} is not on the PATH, and TAGBOAT_TEST_REQUIRE=all asks for it`)
  }
  return { skip: `${tool} is not on the PATH` }
}
