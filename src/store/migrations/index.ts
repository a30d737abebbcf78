import type { Migration } from 'kysely/migration'
import { first } from './0001-first.ts'
import { jsonAsGiven } from './0002-json-as-given.ts'
import { runs } from './0010-runs.ts'
import { variables } from './0011-variables.ts'
import { webhooks } from './0020-webhooks.ts'
import { headway } from './0021-headway.ts'
import { openExecutions } from './0022-open-executions.ts'
import { schedules } from './0023-schedules.ts'
import { triggerKeys } from './0024-trigger-keys.ts'
import { people } from './0030-people.ts'
import { board } from './0040-board.ts'
import { claims } from './0050-claims.ts'
import { flights } from './0051-flights.ts'
import { history } from './0052-history.ts'
import { oneKey } from './0060-one-key.ts'
import { askedRuns } from './0080-asked-runs.ts'
import { sessions } from './0090-sessions.ts'

/** The schema's history, oldest first. What has landed is never changed, only followed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-json-as-given': jsonAsGiven,
  '0010-runs': runs,
  '0011-variables': variables,
  '0020-webhooks': webhooks,
  '0021-headway': headway,
  '0022-open-executions': openExecutions,
  '0023-schedules': schedules,
  '0024-trigger-keys': triggerKeys,
  '0030-people': people,
  '0040-board': board,
  '0050-claims': claims,
  '0051-flights': flights,
  '0052-history': history,
  '0060-one-key': oneKey,
  '0080-asked-runs': askedRuns,
  '0090-sessions': sessions,
}
