import type { Credentials, Keychain } from './credentials.ts'
import { MEDIA_TYPES } from './descriptor.ts'
import { RegistryError } from './errors.ts'
import type { Examined } from './examine.ts'
import { type FirstContact, meet } from './first-contact.ts'
import type { Answer } from './http/connection.ts'
import type { Abortable, Network } from './http/network.ts'
import { type RegistryRequest, Session } from './http/session.ts'
import type { RepositoryName } from './reference.ts'
import { along, beginUpload } from './uploads.ts'
import { failed, NO_IMAGE, NOT_LOOKED_AT, ok, rejection, skipped, type Verdict } from './verdict.ts'

// Names are never that: it stands where there is none, and is taken out of what is said.
const NO_REPOSITORY = '-' as RepositoryName

const ALLOWED = 'allowed: nothing was written, but for an upload that was'

/** Asks as little as it can: what one step has learned serves the next ones. */
export class Examination {
  readonly #network: Network
  readonly #place: Examined
  readonly #keychain: Shown
  readonly #session: Session
  readonly #options: Abortable
  readonly #access: 'pull' | 'push'
  #contact: Promise<FirstContact> | undefined
  #image: Promise<Answer | RegistryError> | undefined
  #pushed = false
  #over = false

  constructor(
    network: Network,
    place: Examined,
    keychain: Keychain,
    { access, signal }: Abortable & { readonly access: 'pull' | 'push' },
  ) {
    this.#access = access
    this.#network = network
    this.#place = place
    this.#keychain = new Shown(keychain)
    const reference = { ...place, repository: place.repository ?? NO_REPOSITORY }
    this.#session = new Session(network, reference, this.#keychain)
    this.#options = signal === undefined ? {} : { signal }
  }

  name(): Promise<Verdict> {
    return this.#first('name')
  }

  connection(): Promise<Verdict> {
    return this.#first('connection')
  }

  tls(): Promise<Verdict> {
    return this.#first('tls')
  }

  /** Good if the registry, or the repository, lets us in with them; wrong only if neither does. */
  async credentials(): Promise<Verdict> {
    if (this.#over) return NOT_LOOKED_AT
    const base = await this.#attempt({ method: 'GET', url: this.#baseUrl(), scopes: [], what: 'API' })
    if (!(base instanceof RegistryError)) base.body.cancel()
    const image = await this.#look()
    const { asked, found, error } = this.#keychain
    if (error !== undefined) return this.#end(error)
    const tried = image === undefined ? [base] : [base, image]
    const refusals = tried.filter((one) => one instanceof RegistryError)
    const refusal = refusals.length === tried.length ? refusals.at(-1) : undefined
    // Who is denied was known.
    if (refusal !== undefined && !(found !== undefined && refusal.code === 'DENIED'))
      return this.#end(refusal)
    if (!asked) return skipped('it asks for none')
    return found === undefined ? skipped('there are none for it: going on as anybody') : ok('accepted')
  }

  async pull(): Promise<Verdict> {
    const image = this.#over ? undefined : await this.#look()
    if (image === undefined) return this.#over ? NOT_LOOKED_AT : NO_IMAGE
    if (image instanceof RegistryError) return this.#failed(image)
    const { tag, digest } = this.#place
    if (image.status === 200) return ok(image.headers.get('docker-content-digest') ?? 'allowed')
    return ok(`allowed; there is no image ${digest ?? tag} there`)
  }

  async push(): Promise<Verdict> {
    if (this.#over) return NOT_LOOKED_AT
    if (this.#place.repository === undefined) return NO_IMAGE
    if (this.#access === 'pull') return skipped('not asked for')
    try {
      const upload = await beginUpload(this.#session, this.#options)
      this.#pushed = true
      // Some registries ask for the right to delete, and others grant it to nobody.
      const scopes = [`repository:${this.#place.repository}:delete`]
      const more = { accepts: [200, 202, 204, 404], scopes, what: 'cancelled upload' }
      const answer = await this.#attempt(along(this.#session, upload, 'DELETE', more))
      if (answer instanceof RegistryError)
        return ok(`${ALLOWED} begun; it could not be given up, and ends by itself`)
      answer.body.cancel()
      return ok(`${ALLOWED} begun and given up again`)
    } catch (error) {
      return this.#failed(rejection(error))
    }
  }

  async repository(): Promise<Verdict> {
    const image = this.#over ? undefined : await this.#look()
    if (image === undefined) return this.#over ? NOT_LOOKED_AT : NO_IMAGE
    if (image instanceof RegistryError)
      return this.#pushed ? ok('it exists, or is made by a push') : skipped('not to be seen')
    if (image.status === 200) return ok('it exists')
    const list = { method: 'GET', url: this.#session.url('tags/list', { n: '1' }), what: 'list of tags' }
    const tags = await this.#attempt({ ...list, scopes: [this.#session.scope('pull')], accepts: [200, 404] })
    if (tags instanceof RegistryError) return skipped('the registry does not say')
    tags.body.cancel()
    if (tags.status === 200) return ok('it exists')
    if (this.#pushed) return ok('it does not exist yet: the first push makes it')
    const { registry, repository } = this.#place
    return this.#failed(new RegistryError('NAME_UNKNOWN', `${registry}/${repository}: no such repository`))
  }

  async quota(): Promise<Verdict> {
    const image = this.#over ? undefined : await this.#look()
    if (image === undefined) return this.#over ? NOT_LOOKED_AT : NO_IMAGE
    if (image instanceof RegistryError)
      return image.code === 'RATE_LIMITED' ? this.#failed(image) : skipped('the registry does not say')
    // Docker Hub, "Usage and rate limits": `100;w=21600`.
    const [, limit, windowS] = /^(\d+)(?:;w=(\d+))?/.exec(image.headers.get('ratelimit-limit') ?? '') ?? []
    const [, left] = /^(\d+)/.exec(image.headers.get('ratelimit-remaining') ?? '') ?? []
    if (limit === undefined || left === undefined) return skipped('the registry says nothing of one')
    const every = windowS === undefined ? '' : ` in ${Number(windowS) / 3600} h`
    const message = `${left} of ${limit} pulls left${every}`
    return left === '0' ? { status: 'failed', code: 'RATE_LIMITED', message } : ok(message)
  }

  async #first(step: keyof FirstContact): Promise<Verdict> {
    if (this.#over) return NOT_LOOKED_AT
    this.#contact ??= meet(this.#network, this.#baseUrl(), this.#options)
    const verdict = (await this.#contact)[step]
    this.#over = verdict.status === 'failed'
    return verdict
  }

  /** The image by HEAD, asked for once; undefined without a repository. */
  #look(): Promise<Answer | RegistryError> | Promise<undefined> {
    if (this.#place.repository === undefined) return Promise.resolve(undefined)
    this.#image ??= this.#head()
    return this.#image
  }

  async #head(): Promise<Answer | RegistryError> {
    const name = this.#place.digest ?? this.#place.tag ?? 'latest'
    const answer = await this.#attempt({
      method: 'HEAD',
      url: this.#session.url(`manifests/${name}`),
      headers: { accept: Object.values(MEDIA_TYPES).join(', ') },
      scopes: [this.#session.scope('pull')],
      accepts: [200, 404],
      what: `manifest ${name}`,
    })
    if (!(answer instanceof RegistryError)) answer.body.cancel()
    return answer
  }

  async #attempt(
    request: Pick<RegistryRequest, 'method' | 'url' | 'scopes' | 'what'> & Partial<RegistryRequest>,
  ): Promise<Answer | RegistryError> {
    try {
      const whole = { accepts: [200], fallback: 'UNSUPPORTED', once: true, ...request } as const
      return await this.#session.ask(whole, this.#options)
    } catch (error) {
      return rejection(error)
    }
  }

  #baseUrl(): URL {
    const { base } = this.#session
    const url = new URL(base)
    url.pathname = `${base.pathname.replace(/\/$/, '')}/v2/`
    return url
  }

  #failed(error: RegistryError): Verdict {
    const { registry } = this.#place
    const verdict = failed(error)
    return { ...verdict, message: verdict.message.replaceAll(`${registry}/${NO_REPOSITORY}`, registry) }
  }

  /** What comes behind this would say the same. */
  #end(error: RegistryError): Verdict {
    this.#over = true
    return this.#failed(error)
  }
}

/** Notes what a keychain was asked, and what came of it. */
class Shown implements Keychain {
  readonly #keychain: Keychain
  asked = false
  found: Credentials | undefined
  error: RegistryError | undefined

  constructor(keychain: Keychain) {
    this.#keychain = keychain
  }

  async credentials(...asked: Parameters<Keychain['credentials']>): Promise<Credentials | undefined> {
    this.asked = true
    try {
      this.found = await this.#keychain.credentials(...asked)
      return this.found
    } catch (error) {
      this.error = rejection(error)
      throw error
    }
  }
}
