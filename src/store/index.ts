/** Where the nouns sleep: PostgreSQL, its own or yours; secrets sealed at the edge; the queue. */
export { type Backup, backUp } from './backup.ts'
export type { Depths } from './depths.ts'
export { type OpenStore, openStore, type StoreOptions } from './open.ts'
export { restore } from './restore.ts'
export { type Rotation, rotateKeys } from './rotation.ts'
