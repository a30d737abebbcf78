import type pg from 'pg'

/**
 * Gives a pipeline a past: `count` copies of an execution that has ended, each with its actions, the lines of their logs and the moves of their tags, in a
 * moment, which the engine would take an hour for.
 */
export async function fillHistory(client: pg.Client, execution: number, count: number): Promise<void> {
  await client.query(
    `create temporary table made as
      select n, nextval(pg_get_serial_sequence('executions', 'id')) as id from generate_series(1, $1::integer) n`,
    [count],
  )
  await client.query(
    `insert into executions
      select (jsonb_populate_record(old, jsonb_build_object('id', made.id, 'number', old.number + made.n))).*
      from executions old, made where old.id = $1`,
    [execution],
  )
  const fresh = `substr(md5(old.id || made.n), 1, 24)`
  await client.query(
    `insert into action_executions
      select (jsonb_populate_record(old, jsonb_build_object('id', ${fresh}, 'execution_id', made.id))).*
      from action_executions old, made where old.execution_id = $1`,
    [execution],
  )
  await client.query(
    `insert into log_lines select ${fresh}, line, text
      from action_executions old join log_lines on action_execution_id = old.id, made where old.execution_id = $1`,
    [execution],
  )
  await client.query(
    `insert into tag_moves
      select (jsonb_populate_record(move, jsonb_build_object(
        'id', nextval(pg_get_serial_sequence('tag_moves', 'id')), 'action_execution_id', ${fresh}, 'number', move.number + made.n, 'place', move.place || '-' || made.n % 100))).*
      from action_executions old join tag_moves move on move.action_execution_id = old.id, made where old.execution_id = $1`,
    [execution],
  )
  await client.query(
    'update pipelines set executions = executions + $2 where id = (select pipeline_id from executions where id = $1)',
    [execution, count],
  )
  await client.query('vacuum analyze')
}
