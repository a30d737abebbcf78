import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import { getManifestRaw } from '#support/client'
import { hello, push } from '#support/images'
import { runProcess } from '#support/process'
import { startRegistry } from '#support/registry'
import { TestService } from '#support/service'
import { tagboat } from './tagboat.ts'

const clone = resolve(import.meta.dirname, '../..')
const root = await mkdtemp(join(tmpdir(), 'tagboat-package-'))
after(() => rm(root, { recursive: true, force: true }))

/** The pinned Node by itself, so that a PATH can hold it and nothing else that runs Node. */
const node = join(root, 'node')
await mkdir(node)
await symlink(process.execPath, join(node, 'node'))

async function copies(program: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await using registry = await startRegistry()
  const image = hello()
  await push(registry.url, 'team/app', '1.0', image)
  const args = ['copy', `${registry.host}/team/app:1.0`, `${registry.host}/prod/app`]
  const run = await tagboat(args, { program, env })
  assert.equal(run.code, 0, run.stderr)
  assert.equal((await getManifestRaw(registry.url, 'prod/app', '1.0')).digest, image.top.digest)
}

describe('bin/tagboat', { timeout: 90_000 }, () => {
  test('works through links to links, absolute and relative', async () => {
    await symlink(join(clone, 'bin/tagboat'), join(root, 'absolute'))
    await symlink('absolute', join(root, 'tagboat-link'))
    await copies(join(root, 'tagboat-link'))
  })

  test('is one process, the command itself', async () => {
    const { startTagboat } = await import('./tagboat.ts')
    const held = await startRegistry()
    const { faults } = await import('#support/registry')
    const fault = held.fault({}, faults.gate())
    const running = startTagboat(['inspect', `${held.host}/a:1`])
    await fault.reached
    const { readlink } = await import('node:fs/promises')
    assert.match(await readlink(`/proc/${running.pid}/exe`), /node$/)
    running.kill('SIGKILL')
    assert.equal((await running.finished).signal, 'SIGKILL')
    await held.close()
  })

  test('says which Node it needs where there is only an old one, or none', async () => {
    const program = join(root, 'old/bin/tagboat')
    await mkdir(dirname(program), { recursive: true })
    await cp(join(clone, 'bin/tagboat'), program)
    const path = join(root, 'path')
    await mkdir(path)
    const none = await tagboat(['--version'], { program, env: { PATH: '' } })
    assert.equal(none.code, 1)
    assert.match(none.stderr, /Node\.js 24 or newer is needed, and there is no node/)
    await writeFile(join(path, 'node'), '#!/bin/sh\necho v20.19.2\n', { mode: 0o755 })
    const old = await tagboat(['--version'], { program, env: { PATH: path } })
    assert.equal(old.code, 1)
    assert.match(old.stderr, /Node\.js 24 or newer is needed, and \S+ is v20\.19\.2/)
  })

  test('works as the package that npm would publish', async () => {
    const dist = join(root, 'build')
    const built = await runProcess(
      join(clone, 'node_modules/.bin/tsc'),
      ['-p', 'tsconfig.build.json', '--outDir', dist],
      {
        cwd: clone,
        timeoutMs: 60_000,
      },
    )
    assert.equal(built.code, 0, built.stdout)
    const bundle = await runProcess(process.execPath, ['scripts/bundle.ts', join(dist, 'bundle')], {
      cwd: clone,
      timeoutMs: 60_000,
    })
    assert.equal(bundle.code, 0, bundle.stderr)
    const listed = await runProcess('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: clone,
      timeoutMs: 60_000,
    })
    const files: string[] = Object.values(JSON.parse(listed.stdout))
      .flatMap((one) => (one as { files: { path: string }[] }).files)
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('dist/'))
    assert.ok(files.includes('bin/tagboat') && files.includes('package.json'), files.join())
    assert.deepEqual(
      files.filter((path) => /^(src|test|web\/(?!dist\/)|demo)\//.test(path)),
      [],
    )
    const home = join(root, 'lib/node_modules/tagboat')
    for (const path of files) await cp(join(clone, path), join(home, path))
    await cp(dist, join(home, 'dist'), { recursive: true })
    await symlink(join(clone, 'node_modules'), join(root, 'lib/node_modules/tagboat/node_modules'))
    await mkdir(join(root, 'bin'))
    await symlink('../lib/node_modules/tagboat/bin/tagboat', join(root, 'bin/tagboat'))
    await copies(join(root, 'bin/tagboat'), { PATH: `${node}:/usr/bin:/bin` })
    const script = `import { Tagboat } from 'tagboat/client'; console.log(typeof new Tagboat({ url: 'http://a', token: 't' }).runPipeline)`
    const client = await runProcess(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(root, 'lib'),
    })
    assert.equal(client.stdout, 'function\n', client.stderr)
    await using service = await TestService.start({}, [], join(root, 'bin/tagboat'))
    const { body } = await service.call<{ paths: unknown }>('GET', '/openapi.json')
    const described = JSON.parse(await readFile(join(clone, 'docs/openapi.json'), 'utf8'))
    assert.deepEqual(body.paths, described.paths, 'with its examples')
  })
})
