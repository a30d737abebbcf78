import { createHash, createHmac } from 'node:crypto'

/** What is to be signed. Header names in lower case; `host` and `x-amz-date` are added here. */
export interface UnsignedRequest {
  readonly method: string
  /** Without a query: none of the requests made here has one. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Access keys; those of a role or a session have a token beside them. */
export interface AmazonKeys {
  readonly accessKey: string
  readonly secretKey: string
  readonly sessionToken?: string
}

export interface Signer extends AmazonKeys {
  readonly region: string
  readonly service: string
}

/**
 * The request's headers with the ones that prove who sends it. Every header is signed.
 * AWS, "Create a signed AWS API request" (Signature Version 4).
 */
export function signRequest(request: UnsignedRequest, signer: Signer, now: Date): Record<string, string> {
  const { method, url, body } = request
  // 2015-08-30T12:36:00.000Z → 20150830T123600Z
  const at = now.toISOString().replace(/[:-]|\.\d{3}/g, '')
  const day = at.slice(0, 8)
  const headers: Record<string, string> = {
    ...request.headers,
    host: url.host,
    'x-amz-date': at,
    ...(signer.sessionToken !== undefined && { 'x-amz-security-token': signer.sessionToken }),
  }
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`)
  const signedNames = names.join(';')
  const canonical = [method, url.pathname, '', lines.join(''), signedNames, sha256(body)].join('\n')
  const scope = `${day}/${signer.region}/${signer.service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n')
  let key: Buffer = Buffer.from(`AWS4${signer.secretKey}`)
  for (const part of scope.split('/')) key = hmac(key, part)
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${signer.accessKey}/${scope}, SignedHeaders=${signedNames}, Signature=${hmac(key, toSign).toString('hex')}`,
  }
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()
