import { type Rotation, readConfig, rotateKeys } from '#serve'
import type { Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'

/** `keys rotate`: seals everything with a new master key. The exit code is 1 where secrets were found that no key opens. */
export async function keys({ env, stdout, stderr, operands: [verb] }: Invocation): Promise<number> {
  if (verb !== 'rotate') throw new UsageError(`keys: ${JSON.stringify(verb)} is not known; there is rotate`)
  const config = readConfig(env)
  const rotation = await rotateKeys(config, (step) => void stderr.write(`${step}\n`))
  stdout.write(formatRotation(rotation, config.masterKeyFile))
  return rotation.unreadable.length === 0 ? 0 : 1
}

function formatRotation({ keyId, rows, unreadable, keptIn }: Rotation, file: string): string {
  const old =
    keptIn === undefined
      ? `The old key opens nothing any more; ${file} cannot be written: take out every line but the first.`
      : `The old key opens nothing any more; ${keptIn.join(', ')} keeps it for backups from before.`
  return [
    `Sealed with the key ${keyId}: ${rows} ${rows === 1 ? 'row' : 'rows'} anew.`,
    old,
    ...unreadable.map((place) => `Opens with no key, and stays as it is: ${place}`),
    '',
  ].join('\n')
}
