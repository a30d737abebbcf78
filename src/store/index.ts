/** Where the nouns sleep: PostgreSQL, its own or yours; secrets sealed at the edge; the queue. */
export { type OpenStore, openStore, type StoreOptions } from './open.ts'
