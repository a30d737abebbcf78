import { createHash, createHmac, randomBytes } from 'node:crypto'
import { type Answer, type Asked, startVendor, type Vendor } from './vendor.ts'

/** Access keys as they are in AWS's own vectors. */
export const AMAZON_KEYS = {
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
} as const

/** A role that can be taken on by whoever is trusted. */
export interface StandInRole {
  /** The access key of whom it trusts, or the ARN of a role. */
  readonly trusts: string
  readonly externalId?: string
}

export interface AmazonOptions {
  /** What registries take for `AWS`. Default another one with each token. */
  readonly password?: string
  /** How long ECR's tokens live. Default twelve hours. */
  readonly lifeS?: number
  /** What ECR gives its registries' passwords to: the access key, or the ARN of the role. Default everybody known. */
  readonly may?: (principal: string) => boolean
  readonly roles?: Readonly<Record<string, StandInRole>>
  /** Web identity tokens that roles can be had for. */
  readonly webIdentity?: string
}

interface Principal {
  readonly name: string
  readonly secretKey: string
  readonly sessionToken: string | undefined
  readonly untilMs: number
}

/**
 * Amazon as far as a client of ECR sees it: GetAuthorizationToken and CreateRepository of ECR and ECR Public, AssumeRole and
 * AssumeRoleWithWebIdentity of STS, each request's signature computed anew, from AWS's description and not from ours.
 */
export class Amazon implements AsyncDisposable {
  readonly account = '123456789012'
  readonly repositories = new Set<string>()
  readonly #options: AmazonOptions
  readonly #principals = new Map<string, Principal>()
  #vendor: Vendor | undefined
  #tokens = 0

  private constructor(options: AmazonOptions) {
    this.#options = options
    const { accessKey, secretKey } = AMAZON_KEYS
    this.#principals.set(accessKey, {
      name: accessKey,
      secretKey,
      sessionToken: undefined,
      untilMs: Number.POSITIVE_INFINITY,
    })
  }

  static async start(options: AmazonOptions = {}): Promise<Amazon> {
    const amazon = new Amazon(options)
    amazon.#vendor = await startVendor((asked) => amazon.#answer(asked))
    return amazon
  }

  get url(): URL {
    return this.#vendor?.url ?? new URL('http://invalid')
  }

  get asked(): readonly Asked[] {
    return this.#vendor?.asked ?? []
  }

  /** The operations that were asked for, in their order. */
  get operations(): readonly string[] {
    return this.asked.map(({ headers, body }) => {
      const target = headers['x-amz-target']?.split('.').at(-1)
      return target ?? new URLSearchParams(body).get('Action') ?? '?'
    })
  }

  /** What a registry takes for `AWS` now. */
  get password(): string {
    return this.#options.password ?? `password-${this.#tokens}`
  }

  /** The names of the hosts that it stands in for, for a network's endpoints. */
  endpoints(...regions: readonly string[]): Map<string, URL> {
    const hosts = regions.flatMap((region) => [
      `api.ecr.${region}.amazonaws.com`,
      `sts.${region}.amazonaws.com`,
    ])
    return new Map([...hosts, 'api.ecr-public.us-east-1.amazonaws.com'].map((host) => [host, this.url]))
  }

  /** Keys that end, as a role's do. */
  issue(name: string, lifeS = 3600) {
    const accessKey = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`
    const secretKey = randomBytes(30).toString('base64')
    const sessionToken = randomBytes(60).toString('base64')
    const untilMs = Date.now() + lifeS * 1000
    this.#principals.set(accessKey, { name, secretKey, sessionToken, untilMs })
    return { accessKey, secretKey, sessionToken, expiration: new Date(untilMs).toISOString() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vendor?.[Symbol.asyncDispose]()
  }

  #answer(asked: Asked): Answer {
    const { method, path, headers, body } = asked
    if (method !== 'POST' || path !== '/') return json(404, 'UnknownOperationException', '')
    if (headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return this.#sts(asked, new URLSearchParams(body))
    if (headers['content-type'] !== 'application/x-amz-json-1.1')
      return json(400, 'SerializationException', '')
    const [prefix, operation] = headers['x-amz-target']?.split('.') ?? []
    const service = prefix === 'SpencerFrontendService' ? 'ecr-public' : 'ecr'
    if (service === 'ecr' && prefix !== 'AmazonEC2ContainerRegistry_V20150921')
      return json(400, 'UnknownOperationException', '')
    const found = this.#authenticate(asked, service)
    if ('problem' in found) return json(400, found.problem, found.message)
    if (this.#options.may?.(found.name) === false)
      return json(
        400,
        'AccessDeniedException',
        `User: ${found.name} is not authorized to perform: ecr:${operation}`,
      )
    if (operation === 'CreateRepository') return this.#create(JSON.parse(body).repositoryName)
    if (operation !== 'GetAuthorizationToken') return json(400, 'UnknownOperationException', '')
    this.#tokens += 1
    const authorizationToken = Buffer.from(`AWS:${this.password}`).toString('base64')
    const expiresAt = Date.now() / 1000 + (this.#options.lifeS ?? 12 * 3600)
    const proxyEndpoint = `https://${this.account}.dkr.ecr.${found.region}.amazonaws.com`
    const data =
      service === 'ecr'
        ? [{ authorizationToken, expiresAt, proxyEndpoint }]
        : { authorizationToken, expiresAt }
    return { status: 200, json: { authorizationData: data } }
  }

  #create(name: string): Answer {
    if (this.repositories.has(name))
      return json(
        400,
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists`,
      )
    this.repositories.add(name)
    return { status: 200, json: { repository: { repositoryName: name, registryId: this.account } } }
  }

  #sts(asked: Asked, form: URLSearchParams): Answer {
    if (form.get('Version') !== '2011-06-15') return xml('NoSuchVersion', 'no such version')
    const arn = form.get('RoleArn') ?? ''
    const role = this.#options.roles?.[arn]
    const denied = (who: string) =>
      xml(
        'AccessDenied',
        `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
        403,
      )
    if (form.get('Action') === 'AssumeRoleWithWebIdentity') {
      if (form.get('WebIdentityToken') !== this.#options.webIdentity)
        return xml('InvalidIdentityToken', 'No OpenIDConnect provider found')
      return role === undefined ? denied('web') : this.#assumed('AssumeRoleWithWebIdentity', arn, form)
    }
    if (form.get('Action') !== 'AssumeRole') return xml('InvalidAction', 'no such action')
    const found = this.#authenticate(asked, 'sts')
    if ('problem' in found) return xml(found.problem, found.message, 403)
    const fits = role?.trusts === found.name && role.externalId === (form.get('ExternalId') ?? undefined)
    return fits ? this.#assumed('AssumeRole', arn, form) : denied(found.name)
  }

  #assumed(action: string, arn: string, form: URLSearchParams): Answer {
    if (!/^[\w+=,.@-]{2,64}$/.test(form.get('RoleSessionName') ?? ''))
      return xml('ValidationError', 'RoleSessionName')
    const { accessKey, secretKey, sessionToken, expiration } = this.issue(
      arn,
      Number(form.get('DurationSeconds') ?? 3600),
    )
    return {
      status: 200,
      text: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <${action}Result>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLE:tagboat</AssumedRoleId>
      <Arn>${arn}/tagboat</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${accessKey}</AccessKeyId>
      <SecretAccessKey>${secretKey}</SecretAccessKey>
      <SessionToken>
        ${sessionToken}
      </SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </${action}Result>
  <ResponseMetadata><RequestId>1-2-3</RequestId></ResponseMetadata>
</${action}Response>`,
    }
  }

  #authenticate(
    asked: Asked,
    service: string,
  ): { name: string; region: string } | { problem: string; message: string } {
    const { headers } = asked
    const found =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      )
    if (found === null)
      return { problem: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' }
    const [, id = '', day = '', region = '', scope, names = '', signature] = found
    const principal = this.#principals.get(id)
    const invalid = (message: string) => ({ problem: 'InvalidSignatureException', message })
    if (principal === undefined || headers['x-amz-security-token'] !== principal.sessionToken)
      return {
        problem: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      }
    if (principal.untilMs < Date.now())
      return { problem: 'ExpiredTokenException', message: 'The security token is expired' }
    const signed = names.split(';')
    for (const name of Object.keys(headers).filter((name) => /^(host|content-type|x-amz-.*)$/.test(name)))
      if (!signed.includes(name)) return invalid(`${name} must be signed`)
    const at = Date.parse(
      (headers['x-amz-date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'),
    )
    if (!(Math.abs(Date.now() - at) < 15 * 60_000)) return invalid('Signature expired')
    const host = service === 'sts' ? `sts.${region}.amazonaws.com` : `api.${service}.${region}.amazonaws.com`
    if (scope !== service || headers.host !== host)
      return invalid('Credential should be scoped to correct service')
    if (
      signatureOf(asked, principal.secretKey, names, `${day}/${region}/${service}/aws4_request`) !== signature
    )
      return invalid(`The request signature we calculated does not match ${signature}`)
    return { name: principal.name, region }
  }
}

function signatureOf(
  { method, path, headers, body }: Asked,
  secretKey: string,
  signedHeaders: string,
  scope: string,
): string {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${headers[name]}`)
  const request = `${method}\n${path}\n\n${canonicalHeaders.join('\n')}\n\n${signedHeaders}\n${hash(body)}`
  const text = `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${hash(request)}`
  const [day = '', region = '', service = '', end = ''] = scope.split('/')
  const signing = mac(mac(mac(mac(`AWS4${secretKey}`, day), region), service), end)
  return mac(signing, text).toString('hex')
}

function json(status: number, type: string, message: string): Answer {
  return { status, json: { __type: `com.amazon.coral.service#${type}`, message } }
}

function xml(code: string, message: string, status = 400): Answer {
  return {
    status,
    text: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>1-2-3</RequestId>
</ErrorResponse>`,
  }
}
