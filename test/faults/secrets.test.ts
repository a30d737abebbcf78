import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import type { Keychain } from '#oci'
import { type Behaviour, faults } from '#support/fault-proxy'
import { layers } from '#support/images'
import { type Registry, startRegistry } from '#support/registry'
import { tagboat } from '../cli/tagboat.ts'
import { promoteBetween } from './stage.ts'

const image = layers(2, 100_000, 'secrets')
const USER = { username: 'ada', password: 'canary-pass/w0rd+äö&' }
const SIGNATURE = 'canary-signature/0123456789'
const keychain: Keychain = { credentials: async () => ({ kind: 'basic', ...USER }) }
const BLOB = { method: 'GET', path: /\/blobs\// }

/** Every form in which what must not show might show, or the beginning of it, where it was cut. */
function forms(...secrets: readonly string[]): string[] {
  return secrets
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('base64url'),
    ])
    .map((form) => form.slice(0, 12))
}

let padding = 0

/** Answers with what it was asked, headers and all, each time at another place, so that some of it is wherever a text is cut. */
const echo = (status: number, type: string): Behaviour => ({
  async before({ record }) {
    const said = `${record.url} ${Object.entries(record.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join(' ')} ${USER.password} ${SIGNATURE} `
    padding = (padding + 41) % 300
    const text = `${'x'.repeat(padding)} ${said}`
    const body = Buffer.from(
      type === 'text/plain'
        ? text
        : JSON.stringify({ errors: [{ code: 'UNKNOWN', message: text, detail: text }] }),
    )
    return { status, headers: { 'content-type': type, 'content-length': `${body.length}` }, body }
  },
})

describe('a secret', { timeout: 60_000 }, () => {
  async function stand(): Promise<{ a: Registry; b: Registry } & AsyncDisposable> {
    const a = await startRegistry({ auth: { kind: 'bearer', ...USER } })
    const b = await startRegistry({ auth: { kind: 'basic', ...USER } })
    for (const { bytes } of image.blobs) a.putBlob('team/app', bytes)
    a.putManifest('team/app', 'v1', image.top.bytes, image.top.mediaType)
    return { a, b, [Symbol.asyncDispose]: async () => void (await Promise.all([a.close(), b.close()])) }
  }
  const tokensOf = (...registries: readonly Registry[]): string[] =>
    registries.flatMap(({ requests }) =>
      requests.flatMap(({ headers }) => /^\S+ (.*)$/.exec(headers.authorization ?? '')?.[1] ?? []),
    )

  for (const type of ['application/json', 'text/plain']) {
    for (const status of [400, 403, 500]) {
      test(`that is echoed by a registry that answers ${status} (${type}) shows in no error, nor in its causes`, async () => {
        await using stage = await stand()
        const { a, b } = stage
        const places: [Registry, Parameters<Registry['fault']>[0]][] = [
          [a, { path: /\/manifests\// }],
          [a, BLOB],
          [a, { path: '/token' }],
          [b, { method: 'POST' }],
          [b, { method: 'PUT', path: /uploads/ }],
          [b, { method: 'PUT', path: /manifests/ }],
        ]
        for (const [registry, match] of places) {
          a.clearFaults()
          b.clearFaults()
          const authorized = (request: { readonly headers: Readonly<Record<string, string>> }) =>
            request.headers.authorization !== undefined
          registry.fault({ ...match, when: authorized }, echo(status, type))
          const failure = await promoteBetween(
            `${a.host}/team/app`,
            `${b.host}/team/app`,
            { retries: 0 },
            { keychain },
          ).then(
            () => assert.fail('it went through'),
            (error) => `${error.message} ${inspect(error, { depth: 10 })} ${JSON.stringify(error)}`,
          )
          for (const form of forms(USER.password, `${USER.username}:${USER.password}`, ...tokensOf(a, b)))
            assert.ok(!failure.includes(form), `${form} in ${failure}`)
        }
      })
    }
  }

  test('that signs a redirect shows in no error, though it is echoed', async () => {
    await using stage = await stand()
    const { a, b } = stage
    a.fault(
      BLOB,
      faults.redirect(
        `http://someone:${encodeURIComponent(USER.password)}@${b.host}/cdn?X-Amz-Signature=${encodeURIComponent(SIGNATURE)}`,
      ),
    )
    b.fault({ path: '/cdn' }, echo(500, 'application/json'))
    const failure = await promoteBetween(
      `${a.host}/team/app`,
      `${b.host}/team/app`,
      { retries: 0 },
      { keychain },
    ).catch((error) => inspect(error, { depth: 10 }))
    for (const form of forms(SIGNATURE, USER.password))
      assert.ok(!String(failure).includes(form), String(failure))
  })

  test('shows in nothing that the command prints', async () => {
    await using stage = await stand()
    const { a, b } = stage
    const home = await mkdtemp(join(tmpdir(), 'tagboat-secrets-'))
    const auth = Buffer.from(`${USER.username}:${USER.password}`).toString('base64')
    await writeFile(
      join(home, 'config.json'),
      JSON.stringify({ auths: { [a.host]: { auth }, [b.host]: { auth } } }),
    )
    try {
      b.fault({ method: 'PUT', path: /manifests/ }, echo(400, 'application/json'))
      for (const args of [[], ['--json']]) {
        const run = await tagboat(['copy', ...args, `${a.host}/team/app:v1`, `${b.host}/team/app`], {
          env: { ...process.env, DOCKER_CONFIG: home },
        })
        assert.equal(run.code, 1)
        for (const form of forms(USER.password, `${USER.username}:${USER.password}`, ...tokensOf(a, b)))
          assert.ok(!`${run.stdout}${run.stderr}`.includes(form), `${form} in ${run.stdout}${run.stderr}`)
      }
      const pasted = await tagboat([
        'copy',
        `http://ada:${encodeURIComponent(USER.password)}@${a.host}/team/app:v1`,
        `${b.host}/team/app`,
      ])
      assert.equal(pasted.code, 2)
      for (const form of forms(USER.password))
        assert.ok(!`${pasted.stdout}${pasted.stderr}`.includes(form), pasted.stderr)
    } finally {
      await rm(home, { recursive: true })
    }
  })
})
