import type { Caller, Person, PersonId } from './access.ts'
import type { Secret } from './secret.ts'

/** A token's public id (a UUID). */
export type TokenId = string & { readonly token: unique symbol }

/** A token as it is kept: only the hash of its text. */
export interface Token {
  readonly id: TokenId
  readonly personId: PersonId
  readonly name: string
  readonly scopes: readonly string[]
  /** The domains of the workspaces that it is for; empty: all. */
  readonly workspaces: readonly string[]
  /** Where it may be used from, as {@link parseAddresses} takes it; empty: anywhere. */
  readonly addresses: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
}

/** What is needed to make one; it may be used from anywhere unless `addresses` says otherwise. */
export type TokenDraft = Omit<Token, 'id' | 'createdAt' | 'addresses'> & Partial<Pick<Token, 'addresses'>>

/** Keeps tokens by hash, and the people behind them. The text of a token is never kept. */
export interface Tokens {
  /** Who presents this token now; undefined when it is unknown, revoked or expired. */
  authenticate(text: Secret, now: Date): Promise<Caller | undefined>
  /** Makes a token and returns its text, once. */
  create(draft: TokenDraft): Promise<{ readonly token: Token; readonly text: Secret }>
  /** Makes `text` the owner's token with every scope, in place of the one set this way before. */
  setOwner(text: Secret): Promise<Token>
  list(personId: PersonId): Promise<readonly Token[]>
  find(personId: PersonId, id: TokenId): Promise<Token | undefined>
  remove(id: TokenId): Promise<void>
  /** The owner, made at the first start. */
  owner(): Promise<Person>
}
