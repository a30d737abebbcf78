import assert from 'node:assert/strict'
import { ACTION, type Answer, type TestApi } from './api.ts'
import { bodiesFor } from './bodies.ts'

let made = 0

/** What fills each part of a path and what bodies name, and the way to one more of it. Members and groups are in no project but those that are so by name. */
export class Everything {
  readonly keys = new Map<string, string | number>()
  readonly #api: TestApi
  readonly #makers: Readonly<Record<string, () => Promise<Answer>>>

  /** `workspace` and what else is said is there already. */
  constructor(api: TestApi, keys: Readonly<Record<string, string | number>>) {
    this.#api = api
    for (const [name, key] of Object.entries(keys)) this.keys.set(name, key)
    const post = (path: string, body?: object) => api.ask('POST', path, body)
    const within = `/workspaces/${keys.workspace}`
    this.#makers = {
      workspace: () => post('/workspaces', { domain: `w${made}` }),
      project: () => post(`${within}/projects`, { name: `p${made}` }),
      pipeline: () => post(this.#path('pipelines'), { name: `P${made}` }),
      action: () => post(`${this.pipeline}/actions`, ACTION),
      execution: () => post(`${this.pipeline}/executions`),
      integration: () =>
        post(`${within}/integrations`, {
          name: `I${made}`,
          type: 'DOCKER_HUB',
          username: 'u',
          password: 'p',
        }),
      variable: () => post(`${within}/variables`, { key: `K${made}`, value: 'v' }),
      webhook: () => post(`${within}/webhooks`, bodiesFor(this.keys).addWebhook),
      token: () => post('/user/tokens', { name: 't', workspace_restrictions: [this.keys.get('workspace')] }),
      member: () => post(`${within}/members`, { email: `m${made}@example.com` }),
      group: () => post(`${within}/groups`, { name: `G${made}` }),
      set: () => post(`${within}/permissions`, { name: `S${made}` }),
      groupMember: () => this.#join('member', `${within}/groups/${this.keys.get('group')}/members`),
      projectMember: () => this.#join('member', this.#path('members')),
      projectGroup: () => this.#join('group', this.#path('groups')),
    }
  }

  /** The path of the pipeline. */
  get pipeline(): string {
    return `${this.#path('pipelines')}/${this.keys.get('pipeline')}`
  }

  /** Makes whatever is not there yet. */
  async fill(): Promise<this> {
    for (const name of Object.keys(this.#makers)) if (!this.keys.has(name)) await this.renew(name)
    // Somebody who is in no group and no project, and a group that is in none, with one in it.
    for (const name of ['member', 'group', 'groupMember']) await this.renew(name)
    return this
  }

  /** Makes one more, for the requests to come. */
  async renew(name: string): Promise<void> {
    made += 1
    const answer = await (this.#makers[name] ?? assert.fail(`nobody makes {${name}}`))()
    assert.ok(answer.status < 300, `${name}: ${answer.text}`)
    const { domain, hash_id, id, name: own_name, identifier, email, action_executions: runs } = answer.body
    this.keys.set(name, domain ?? hash_id ?? (name === 'project' ? own_name : id))
    if (runs !== undefined) {
      this.keys.set('actionExecution', runs[0].action_execution_id)
      this.keys.set('ranAction', runs[0].action.id)
    }
    // What else bodies know it by.
    if (hash_id !== undefined) this.keys.set('integrationName', identifier)
    if (name === 'member') this.keys.set('email', email)
    if (name === 'group') this.keys.set('groupName', own_name)
  }

  /** The pipeline's URLs that start it, from now on: the token that they are known by. */
  async makeTriggers(): Promise<string> {
    const events = [{ type: 'WEBHOOK' }, { type: 'PUSH_IMAGE', images: ['docker.io/acme/*'] }]
    await this.#api.ask('PATCH', this.pipeline, { events, disabled: false })
    return (await this.#api.ask('POST', `${this.pipeline}/trigger-key`)).body.token
  }

  #path(many: string): string {
    return `/workspaces/${this.keys.get('workspace')}/projects/${this.keys.get('project')}/${many}`
  }

  /** Makes one, and puts it where the path says. */
  async #join(noun: 'member' | 'group', path: string): Promise<Answer> {
    const before = this.keys.get(noun)
    await this.renew(noun)
    const body = { id: this.keys.get(noun), permission_set: { id: this.keys.get('set') } }
    if (before !== undefined) this.keys.set(noun, before)
    return this.#api.ask('POST', path, body)
  }
}
