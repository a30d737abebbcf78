import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { findFreePort, runProcess, startProcess } from './process.ts'

const node = process.execPath
const run = (script: string, options = {}) => runProcess(node, ['-e', script], options)

describe('A process run by a test', { timeout: 30_000 }, () => {
  it('gets its input and environment, and gives its output and exit code', async () => {
    const script = `process.stdin.on('data', (d) => process.stdout.write(String(d).toUpperCase() + process.env.NAME))
      .on('end', () => { console.error('over'); process.exitCode = 3 })`
    const done = await run(script, { stdin: 'abc', env: { NAME: 'x' } })
    assert.deepEqual([done.code, done.signal, done.stdout, done.stderr], [3, null, 'ABCx', 'over\n'])
    assert.equal(done.timedOut, false)
  })

  it('is killed when its time is over', async () => {
    const done = await run('setInterval(() => {}, 1000)', { timeoutMs: 200 })
    assert.deepEqual([done.timedOut, done.signal, done.code], [true, 'SIGKILL', null])
  })

  it('has its peak of memory measured', { skip: process.platform !== 'linux' && 'needs /proc' }, async () => {
    const script = 'const big = Buffer.alloc(150e6, 1); setTimeout(() => big.length, 100)'
    const done = await run(script)
    assert.ok(done.peakRssBytes > 150e6 && done.peakRssBytes < 400e6, `${done.peakRssBytes}`)
  })

  it('can be waited for until it printed something, and ended', async () => {
    const running = startProcess(node, ['-e', 'console.log("port " + 42); setInterval(() => {}, 1000)'])
    assert.equal((await running.printed(/port (\d+)/))[1], '42')
    assert.ok(running.pid > 0)
    running.kill()
    assert.equal((await running.finished).signal, 'SIGTERM')
    await assert.rejects(running.printed(/never/), /ended without printing/)
  })

  it('is an error if it cannot be started', async () => {
    await assert.rejects(runProcess('/nowhere/program', []), { code: 'ENOENT' })
  })

  it('can listen on a port found free', async () => {
    const server = createServer()
    const port = await findFreePort()
    await new Promise<void>((resolve, reject) =>
      server.on('error', reject).listen(port, '127.0.0.1', resolve),
    )
    server.close()
  })
})
