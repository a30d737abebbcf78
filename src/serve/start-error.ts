/** The service, or what works on its data, could not start: something about this machine is to be mended, and the message says what. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
