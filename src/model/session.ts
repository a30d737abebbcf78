import type { Caller } from './access.ts'
import type { Secret } from './secret.ts'
import type { TokenId } from './token.ts'

/**
 * Keeps the browsers that signed in with a token, each by the hash of a random text that its cookie holds. A session may what its token may,
 * and ends with it: when the token is revoked or expires, when somebody signs out, or when its own time is over.
 */
export interface Sessions {
  /** Begins one and returns its text, once. Sessions that are over are forgotten on the way. */
  begin(token: TokenId, now: Date, until: Date): Promise<Secret>
  /** Who is in this session now; undefined when it is unknown or over. */
  authenticate(text: Secret, now: Date): Promise<Caller | undefined>
  end(text: Secret): Promise<void>
}
