/** What was typed cannot be meant: exit code 2. The message is for the person who typed it and holds no secret. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
