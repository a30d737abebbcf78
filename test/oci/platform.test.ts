import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatPlatform, isFor, parsePlatform } from '#oci'

const is = (platform: string, asked: string): boolean => {
  const [os = '', architecture = '', variant] = platform.split('/')
  return isFor({ os, architecture, variant }, parsePlatform(asked))
}

describe('a platform', () => {
  test('is written as builders write it', () => {
    for (const text of ['linux/amd64', 'linux/arm/v7', 'windows/amd64', 'linux/s390x'])
      assert.equal(formatPlatform(parsePlatform(text)), text)
    assert.equal(formatPlatform(parsePlatform('Linux/x86_64')), 'linux/amd64')
    assert.equal(formatPlatform(parsePlatform('linux/aarch64')), 'linux/arm64')
    for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/arm/v7/x', 'linux amd64', 'linux/a b'])
      assert.throws(() => parsePlatform(text), { code: 'NAME_INVALID' }, text)
  })

  test('is what was asked for: in any variant where none was named, and in the usual one where it names none', () => {
    const yes = ['linux/arm/v6 linux/arm', 'linux/arm/v6 linux/arm/v6', 'linux/arm64 linux/arm64/v8']
    const no = ['linux/arm/v6 linux/arm/v7', 'linux/arm64 linux/arm', 'windows/amd64 linux/amd64']
    for (const pair of [...yes, 'linux/arm64/v8 linux/aarch64', 'linux/arm linux/arm/v7']) {
      const [platform = '', asked = ''] = pair.split(' ')
      assert.ok(is(platform, asked), pair)
    }
    for (const pair of [...no, 'linux/amd64/v3 linux/amd64/v2', 'unknown/unknown linux/amd64']) {
      const [platform = '', asked = ''] = pair.split(' ')
      assert.ok(!is(platform, asked), pair)
    }
  })
})
