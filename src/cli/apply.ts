import { readFile } from 'node:fs/promises'
import { text as readText } from 'node:stream/consumers'
import type { Invocation } from './command.ts'
import { line } from './print-result.ts'
import { findPipeline, remotely } from './remote.ts'
import { UsageError } from './usage-error.ts'

/** `apply FILE`: makes the pipelines of a project as the file says; with `--dry-run` shows what that would change. */
export function apply(invocation: Invocation): Promise<number> {
  const { operands, options, stdout, stderr } = invocation
  return remotely(invocation, async ({ tagboat, project, call }) => {
    const at = project()
    const yaml = Buffer.from(await readYaml(operands[0] ?? '', invocation)).toString('base64')
    if (options.has('dry-run')) {
      const { changed, diff } = await tagboat.tryPipelines(at, { yaml }, call)
      if (options.has('json')) stdout.write(line({ status: 'done', changed, diff }))
      else if (changed) stdout.write(diff)
      else stderr.write('nothing would change\n')
      return 0
    }
    const { pipelines } = await tagboat.applyPipelines(at, { yaml }, call)
    if (options.has('json')) stdout.write(line({ status: 'done', pipelines }))
    else for (const { identifier, html_url } of pipelines) stdout.write(`${identifier}  ${html_url}\n`)
    return 0
  })
}

/** `export [PIPELINE]`: prints a pipeline, or all of a project, as such a file. */
export function exportPipelines(invocation: Invocation): Promise<number> {
  const { operands, options, stdout } = invocation
  return remotely(invocation, async (remote) => {
    const { tagboat, project, call } = remote
    const [name] = operands
    const { yaml } =
      name === undefined
        ? await tagboat.exportPipelines(project(), call)
        : await tagboat.exportPipeline(
            { ...project(), pipeline: (await findPipeline(remote, name)).id },
            call,
          )
    stdout.write(options.has('json') ? line({ status: 'done', yaml: decode(yaml) }) : decode(yaml))
    return 0
  })
}

async function readYaml(file: string, { stdin }: Invocation): Promise<string> {
  if (file === '-') return readText(stdin())
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString()
}
