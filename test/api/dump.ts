import pg from 'pg'

/** Sees all that a store keeps, table by table. */
export class Dump implements AsyncDisposable {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  static async open(url: string): Promise<Dump> {
    const client = new pg.Client(url)
    await client.connect()
    return new Dump(client)
  }

  async read(): Promise<Readonly<Record<string, string>>> {
    const tables = await this.query(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by 1`,
    )
    const read: Record<string, string> = {}
    for (const { name } of tables) {
      const [found] = await this.query(
        `select json_agg(one order by one::text)::text as rows from "${name}" one`,
      )
      read[String(name)] = String(found?.rows)
    }
    return read
  }

  async query(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#client.query(text)).rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end()
  }
}
