import type { Changes, DeliveryId, Store, Work } from '#model'
import { keepActions, within } from './actions.ts'
import { openSeal } from './canary.ts'
import { HeardChanges } from './changes.ts'
import { type Connection, type Database, isNew, migrate, openDatabase } from './database.ts'
import { type Depths, readDepths } from './depths.ts'
import { keepExecutions } from './executions.ts'
import { keepGroups } from './groups.ts'
import { keepIntegrations } from './integrations.ts'
import { Listener } from './listener.ts'
import { keepMembers } from './members.ts'
import { attempt } from './outage.ts'
import { keepOutbox } from './outbox.ts'
import { type KeptPeers, keepPeers } from './peers.ts'
import { keepPeople } from './people.ts'
import { keepPermissionSets } from './permission-sets.ts'
import { keepPipelines } from './pipelines.ts'
import { keepPlaces } from './places.ts'
import { keepProjects } from './projects.ts'
import { keepQueue, openQueue } from './queue.ts'
import { answerRoll, KEYS_CHANNEL } from './roll-call.ts'
import { keepSchedules } from './schedules.ts'
import type { Seal } from './seal.ts'
import { keepSessions } from './sessions.ts'
import { keepTagMoves } from './tag-moves.ts'
import { keepTagSightings } from './tag-sightings.ts'
import { keepTeams } from './teams.ts'
import { keepTokens } from './tokens.ts'
import { keepTriggerKeys } from './trigger-keys.ts'
import { keepTurns } from './turns.ts'
import { keepVariables } from './variables.ts'
import { keepWebhooks } from './webhooks.ts'
import { keepWorkspaces } from './workspaces.ts'

/** Where the data is, and who may work on it. */
export interface StoreOptions {
  readonly database:
    | { readonly kind: 'embedded'; readonly dataDir: string }
    | { readonly kind: 'url'; readonly url: string }
  readonly masterKeyFile: string
  /** This is the only process that runs jobs: what is under way when it starts is a dead predecessor's. */
  readonly exclusive?: boolean
  /** Joins an embedded database that another process has running, if one does; for what is done beside a service. */
  readonly beside?: boolean
  readonly log?: (message: string) => void
}

/** A store that is open; close it at the end. */
export interface OpenStore {
  readonly store: Store
  readonly work: Work
  /** Where what webhooks are to be told waits. */
  readonly deliveries: Work<DeliveryId>
  /** Where executions wait for a certain time. */
  readonly reminders: Work
  readonly changes: Changes
  /** The other processes on this database. */
  readonly peers: KeptPeers
  /** How much is still to be done. */
  depths(): Promise<Depths>
  /** Resolves while the database answers. */
  health(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store: starts the embedded PostgreSQL where it is to be used, brings the schema up to date, and checks that the master key is the
 * one that the secrets were sealed with. The key is made when the database is new.
 * @throws Error when the data is in use by another process, the key does not fit, or the database is not reached.
 */
export async function openStore(options: StoreOptions): Promise<OpenStore> {
  const log = options.log ?? (() => {})
  const parts = new AsyncDisposableStack()
  try {
    const { connection, db, seal } = await openVault(options, parts)
    const listener = new Listener(connection, (client) => answerRoll(client, db, seal), log)
    parts.defer(() => listener.close())
    const changes = new HeardChanges()
    await changes.start(listener)
    await listener.hear(KEYS_CHANNEL, () => listener.attend())
    await listener.start()
    const peers = keepPeers(db, listener, log)
    parts.defer(() => peers.close())
    const queue = await openQueue(db, connection, listener, { exclusive: options.exclusive ?? false, log })
    parts.defer(() => queue.close())
    const outbox = keepOutbox(queue.boss)
    const storeOn = (on: Database): Store => ({
      workspaces: keepWorkspaces(on),
      projects: keepProjects(on),
      pipelines: keepPipelines(on),
      actions: keepActions(on, seal),
      integrations: keepIntegrations(on, seal),
      executions: keepExecutions(on, seal, outbox),
      turns: keepTurns(on),
      variables: keepVariables(on, seal),
      tokens: keepTokens(on),
      schedules: keepSchedules(on),
      triggerKeys: keepTriggerKeys(on, seal),
      webhooks: keepWebhooks(on, seal, keepExecutions(on, seal, outbox)),
      sessions: keepSessions(on),
      people: keepPeople(on),
      members: keepMembers(on),
      groups: keepGroups(on),
      permissionSets: keepPermissionSets(on),
      teams: keepTeams(on),
      places: keepPlaces(on, seal),
      tagMoves: keepTagMoves(on),
      tagSightings: keepTagSightings(on),
      queue: keepQueue(on, queue.boss),
      transaction: (work) => within(on, (trx) => work(storeOn(trx))),
      attempt,
    })
    return {
      store: storeOn(db),
      work: queue.work,
      deliveries: queue.deliveries,
      reminders: queue.reminders,
      ...{ changes, peers },
      depths: () => readDepths(db),
      async health() {
        await db.selectFrom('settings').select('name').limit(1).execute()
      },
      close: () => parts.disposeAsync(),
    }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

/** The database with its schema up to date, and what its secrets are sealed with. */
export interface Vault {
  readonly connection: Connection
  readonly db: Database
  readonly seal: Seal
}

/** Opens it, without anything that goes on by itself. @throws Error as {@link openStore} */
export async function openVault(options: StoreOptions, parts: AsyncDisposableStack): Promise<Vault> {
  const { masterKeyFile, log = () => {} } = options
  const connection = await connect(options, parts, log)
  const database = openDatabase(connection, log)
  parts.defer(() => database.close())
  const { db } = database
  // Before the schema is changed: whoever comes with a wrong key leaves the database as it was.
  const known = (await isNew(db)) ? undefined : await openSeal(db, masterKeyFile)
  await migrate(db, log)
  return { connection, db, seal: known ?? (await openSeal(db, masterKeyFile)) }
}

/** How the database is reached; the embedded one is started, and stopped with `parts`, unless this is done beside whoever runs it. */
export async function connect(
  { database, beside }: StoreOptions,
  parts: AsyncDisposableStack,
  log: (message: string) => void,
): Promise<Connection> {
  if (database.kind === 'url') return { connectionString: database.url }
  const { findEmbedded, startEmbedded } = await import('./embedded.ts')
  const running = beside ? await findEmbedded(database.dataDir) : undefined
  if (running !== undefined) return running
  const embedded = await startEmbedded({ dataDir: database.dataDir, log })
  parts.defer(() => embedded.stop())
  return embedded.connection
}
