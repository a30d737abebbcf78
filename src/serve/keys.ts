import { type Rotation, rotateKeys as rotate } from '#store'
import type { Config } from './config.ts'
import { withData } from './data.ts'

/**
 * Rotates the master key, also beside a running service; each step is told before it is taken.
 * @throws StartError with what stands in the way.
 */
export function rotateKeys(config: Config, tell: (step: string) => void): Promise<Rotation> {
  return withData(config, 'the keys cannot be rotated', (data) => rotate({ ...data, beside: true }, tell))
}
