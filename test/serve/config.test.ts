import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { DEFAULT_NETWORK } from '#oci'
import { ConfigError, networkOptionsOf, readConfig } from '#serve'

const home = { HOME: '/home/ann' }

function refusal(env: Record<string, string>): string {
  try {
    readConfig({ ...home, ...env })
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'none'
}

suite('settings', () => {
  test('have defaults that need no environment', () => {
    const config = readConfig(home)
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 7070 })
    assert.equal(config.dataDir, '/home/ann/.local/share/tagboat')
    assert.equal(config.masterKeyFile, '/home/ann/.local/share/tagboat/master.key')
    assert.equal(config.adminToken, undefined)
    const { guard: _, userAgent: __, peers: ___, ...network } = DEFAULT_NETWORK
    assert.deepEqual(networkOptionsOf(config), network)
  })

  test('follow XDG_DATA_HOME, and the key follows the data', () => {
    assert.equal(readConfig({ ...home, XDG_DATA_HOME: '/data' }).dataDir, '/data/tagboat')
    assert.equal(readConfig({ ...home, XDG_DATA_HOME: 'data' }).dataDir, '/home/ann/.local/share/tagboat')
    assert.equal(readConfig({ ...home, TAGBOAT_DATA_DIR: '/srv/t' }).masterKeyFile, '/srv/t/master.key')
  })

  test('are read from the environment, an empty variable being none', () => {
    const config = readConfig({
      ...home,
      TAGBOAT_LISTEN: '[::1]:0',
      TAGBOAT_PUBLIC_URL: 'https://tagboat.example/base',
      TAGBOAT_ENDPOINTS:
        'docker.io=http://127.0.0.1:5001, Registry.example:5000=https://mirror.example/prefix',
      TAGBOAT_ALLOW_ADDRESSES: '127.0.0.1:5001,10.0.0.0/8, fd00::/8',
      TAGBOAT_RETRIES: '0',
      TAGBOAT_TRUSTED_PROXIES: '127.0.0.1, fd00::/8',
      TAGBOAT_QUERY_TOKENS: 'true',
      TAGBOAT_BANDWIDTH: '50000000, Registry-1.docker.io=1000000',
      TAGBOAT_LOG_LEVEL: '',
    })
    assert.deepEqual(config.listen, { host: '::1', port: 0 })
    assert.equal(config.publicUrl?.href, 'https://tagboat.example/base')
    assert.deepEqual(
      [...config.endpoints].map(([name, url]) => `${name} ${url.href}`),
      ['docker.io http://127.0.0.1:5001/', 'registry.example:5000 https://mirror.example/prefix'],
    )
    assert.deepEqual(config.allowAddresses, ['127.0.0.1:5001', '10.0.0.0/8', 'fd00::/8'])
    assert.equal(config.retries, 0)
    assert.deepEqual([config.trustedProxies, config.queryTokens], [['127.0.0.1', 'fd00::/8'], true])
    assert.deepEqual(config.bandwidth, { all: 50_000_000, registries: new Map([['docker.io', 1_000_000]]) })
    assert.equal(config.logLevel, 'info')
  })

  test('are shown with their origin, and secrets never', () => {
    const token = 'k'.repeat(32)
    const { settings } = readConfig({
      ...home,
      TAGBOAT_ADMIN_TOKEN: token,
      TAGBOAT_DATABASE_URL: 'postgres://ann:hunter2@db.example/tagboat',
      TAGBOAT_RETRIES: '7',
    })
    const shown = (name: string) => settings.find((setting) => setting.name === name)
    assert.deepEqual(shown('TAGBOAT_RETRIES'), {
      name: 'TAGBOAT_RETRIES',
      value: '7',
      origin: 'environment',
      secret: false,
    })
    assert.equal(shown('TAGBOAT_GRACE_MS')?.origin, 'default')
    assert.equal(shown('TAGBOAT_ADMIN_TOKEN')?.value, '[secret]')
    assert.equal(shown('TAGBOAT_TOKEN')?.value, undefined)
    const all = JSON.stringify(readConfig({ ...home, TAGBOAT_ADMIN_TOKEN: token }))
    assert.ok(!all.includes(token) && !JSON.stringify(settings).includes('hunter2'))
  })
})

suite('a bad setting', () => {
  test('that does not exist is answered with the nearest that does', () => {
    assert.match(refusal({ TAGBOAT_LISTN: 'x' }), /^TAGBOAT_LISTN: .*TAGBOAT_LISTEN$/)
    assert.match(refusal({ TAGBOAT_RETRY_AFTER_MS: '1' }), /TAGBOAT_RETRY_(?:AFTER_MAX|BASE)_MS$/)
  })

  const bad: [string, string][] = [
    ['TAGBOAT_LISTEN', '7070'],
    ['TAGBOAT_LISTEN', '127.0.0.1:70700'],
    ['TAGBOAT_PUBLIC_URL', 'tagboat.example'],
    ['TAGBOAT_PUBLIC_URL', 'https://tagboat.example/api/'],
    ['TAGBOAT_DATABASE_URL', 'mysql://x/y'],
    ['TAGBOAT_ADMIN_TOKEN', 'short'],
    ['TAGBOAT_ENDPOINTS', 'docker.io'],
    ['TAGBOAT_ENDPOINTS', 'docker.io=ftp://x'],
    ['TAGBOAT_ENDPOINTS', 'a.example=http://x,A.example=http://y'],
    ['TAGBOAT_ALLOW_ADDRESSES', '10.0.0.1'],
    ['TAGBOAT_REGISTRY_CONCURRENCY', '0'],
    ['TAGBOAT_RETRIES', '-1'],
    ['TAGBOAT_CA_FILE', '/no/such/file'],
    ['TAGBOAT_CA_FILE', import.meta.filename],
    ['HTTPS_PROXY', 'socks5://127.0.0.1:1080'],
    ['TAGBOAT_BANDWIDTH', '10MB'],
    ['TAGBOAT_BANDWIDTH', '0'],
    ['TAGBOAT_BANDWIDTH', '1,2'],
    ['TAGBOAT_BANDWIDTH', 'a b=1'],
    ['TAGBOAT_RETRIES', '1.5'],
    ['TAGBOAT_IDLE_TIMEOUT_MS', '30s'],
    ['TAGBOAT_LOG_LEVEL', 'loud'],
    ['TAGBOAT_TRUSTED_PROXIES', '127.0.0.1,localhost'],
    ['TAGBOAT_QUERY_TOKENS', 'yes'],
  ]
  for (const [name, value] of bad) {
    test(`${name}=${value} is named and refused`, () => {
      assert.ok(refusal({ [name]: value }).startsWith(`${name}: `), refusal({ [name]: value }))
    })
  }

  test('that holds a secret is refused without repeating it', () => {
    assert.ok(!refusal({ TAGBOAT_ADMIN_TOKEN: 'hunter2' }).includes('hunter2'))
    assert.ok(!refusal({ TAGBOAT_DATABASE_URL: 'hunter2' }).includes('hunter2'))
    assert.ok(!refusal({ TAGBOAT_ENDPOINTS: 'a.example=http://ann:hunter2@x' }).includes('hunter2'))
  })
})
