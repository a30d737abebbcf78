import { ModelError } from '#model'

// Which field a unique constraint speaks of, in the words of those who send it.
const FIELDS: Readonly<Record<string, { readonly field: string; readonly noun: string }>> = {
  workspaces_domain: { field: 'domain', noun: 'a workspace with this domain' },
  projects_name: { field: 'name', noun: 'a project with this name' },
  pipelines_identifier: { field: 'identifier', noun: 'a pipeline with this identifier' },
  people_email: { field: 'email', noun: 'a person with this email' },
  members_pkey: { field: 'email', noun: 'a member with this email' },
  groups_name: { field: 'name', noun: 'a group with this name' },
  group_members_pkey: { field: 'id', noun: 'this member in the group' },
  project_members_pkey: { field: 'id', noun: 'this member in the project' },
  project_groups_pkey: { field: 'id', noun: 'this group in the project' },
  variables_key: { field: 'key', noun: 'a variable with this key' },
  integrations_identifier: { field: 'identifier', noun: 'an integration with this identifier' },
}

/** Waits for a write, and turns a name that is taken into CONFLICT. */
export async function orConflict<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string }
    const taken = code === '23505' ? FIELDS[constraint ?? ''] : undefined
    if (taken === undefined) throw error
    throw new ModelError('CONFLICT', `${taken.field}: there is ${taken.noun} already`, {
      field: taken.field,
      cause: error,
    })
  }
}

/** What is to be changed must be there: another may have removed it meanwhile. */
export function orGone<T>(found: T | undefined, noun: string): T {
  if (found === undefined) throw new ModelError('NOT_FOUND', `the ${noun} is gone`)
  return found
}
