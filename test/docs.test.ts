import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runProcess } from '#support/process'

const root = join(import.meta.dirname, '..')

describe('the pages', () => {
  test('of error codes is what the sources say', async () => {
    const { code } = await runProcess(process.execPath, ['scripts/errors.ts', '--check'], { cwd: root })
    assert.equal(code, 0, 'npm run docs writes it anew')
  })

  test('lead to each other, and to nothing that is not there', () => {
    for (const page of [
      'README.md',
      'CONTRIBUTING.md',
      'docs/architecture.md',
      'docs/buddy.md',
      'docs/errors.md',
      'docs/operations.md',
      'docs/pages.md',
      'docs/registries.md',
    ]) {
      const text = readFileSync(join(root, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)#:]+)\)/g))
        readFileSync(join(root, page, '..', target))
    }
  })

  test('says of every operation how it is beside that of Buddy', () => {
    const { paths } = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8'))
    const page = readFileSync(join(root, 'docs/buddy.md'), 'utf8')
    const rows = page.slice(0, page.indexOf('\n## '))
    const said = [...rows.matchAll(/`([A-Z ]+) ([^`\s?]+)[^`]*`/g)].flatMap(([, methods = '', path = '']) =>
      methods.split(' ').map((method) => `${method} ${path.replaceAll(/:\w+/g, ':id')}`),
    )
    const short = (path: string): string =>
      path
        .replace(/^\/workspaces\/\{\w+\}/, 'W')
        .replace(/^W\/projects\/\{\w+\}/, 'P')
        .replace(/^P\/pipelines\/\{\w+\}/, 'L')
        .replaceAll(/\{\w+\}/g, ':id')
    const operations = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${short(path)}`),
    )
    assert.deepEqual(
      operations.filter((operation) => !said.includes(operation)),
      [],
    )
  })
})
