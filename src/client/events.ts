/** One event of a stream. */
export interface ServerEvent {
  readonly id: string
  readonly event: string
  /** What it carries, as JSON has it. */
  readonly data: unknown
}

/** Reads a stream of events as the HTML standard has it ("Server-sent events"); what is cut off at its end is no event. */
export async function* parseEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  let id = ''
  let event = ''
  let data: string[] = []
  for await (const line of linesOf(chunks)) {
    if (line === '') {
      if (data.length > 0)
        yield { id, event: event === '' ? 'message' : event, data: JSON.parse(data.join('\n')) }
      event = ''
      data = []
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
}

/** Lines that have come whole. They end as they like to. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    // A CR at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    yield* lines
  }
}
