/** Writes the examples of the API's description: what a walk through all operations has sent and been answered. `--check` only compares. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { examplesOf, record } from '../test/api/walk.ts'
import { settle } from './settle.ts'

const root = join(import.meta.dirname, '..')
const path = join(root, 'src/api/reference/examples.json')
const { exchanges } = await record()
const text = JSON.stringify(examplesOf(exchanges))
const biome = join(root, 'node_modules', '.bin', 'biome')
const format = ['format', `--stdin-file-path=${path}`]
settle(path, execFileSync(biome, format, { input: text, encoding: 'utf8' }))
