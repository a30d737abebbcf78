import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * While `settings` names the only key that may seal, nothing is written that another one sealed: by a process that has not heard of the new key,
 * or was asleep since before. Whoever seals anew what is there says so, as it leaves alone what does not open.
 */
export const oneKey: Migration = {
  async up(db) {
    await sql.raw(SEALED_OTHERWISE).execute(db)
    await sql.raw(REFUSE).execute(db)
    for (const [table, column] of SEALED)
      await sql
        .raw(`create trigger ${table}_one_key before insert or update of ${column} on ${table}
          for each row when (sealed_otherwise(new.${column}::text)) execute function refuse_other_key()`)
        .execute(db)
  },
}

const SEALED = [
  ['integrations', 'secrets'],
  ['actions', 'definition'],
  ['variables', 'definition'],
  ['webhooks', 'secrets'],
  ['trigger_keys', 'secrets'],
  ['executions', 'variables'],
  ['action_executions', 'action'],
] as const

// The lock lets whoever names the key wait for what is on its way.
const SEALED_OTHERWISE = `
  create function sealed_otherwise(document text) returns boolean language plpgsql as $$
  declare
    key text;
  begin
    if document not like '%"$sealed":"v1.%' or current_setting('tagboat.resealing', true) = 'on' then
      return false;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('tagboat only key', 0));
    select value into key from settings where name = 'only key';
    return key is not null and document ~ ('"\\$sealed":"v1\\.(?!' || key || '\\.)');
  end $$`

const REFUSE = `
  create function refuse_other_key() returns trigger language plpgsql as $$
  begin
    raise exception 'sealed with a key that has been retired';
  end $$`
