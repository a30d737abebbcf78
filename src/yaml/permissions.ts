import type { Json, JsonObject } from '#model'
import type { Path } from './document.ts'

// A text says {users: {ada@example.com: READ_WRITE}}, the API [{email: ada@example.com, access_level: READ_WRITE}].

const NAMES: Readonly<Record<string, string>> = { users: 'email', groups: 'name' }
const LEVEL = 'access_level'

/** Permissions as the API has them. What is otherwise than in a text stays as it is. */
export function decodePermissions(given: Json): Json {
  return mapMembers(given, (levels, name) =>
    isObject(levels)
      ? Object.entries(levels).map(([key, level]) => ({ [name]: key, [LEVEL]: level }))
      : levels,
  )
}

/** Permissions as a text has them, as far as they say by e-mail address and by name whom they are for. */
export function encodePermissions(given: Json): Json {
  return mapMembers(given, (list, name) => {
    if (!Array.isArray(list)) return list
    const levels = new Map<Json, Json>()
    for (const one of list as readonly Json[]) {
      const { [name]: key = null, [LEVEL]: level = null, ...more } = isObject(one) ? one : {}
      if (typeof key !== 'string' || levels.has(key) || Object.keys(more).length > 0) return list
      levels.set(key, level)
    }
    return Object.fromEntries(levels)
  })
}

/** The way in a text to something of the API's permissions. */
export function wayToPermission(given: Json, [who = '', index = '', ...more]: Path): Path {
  const levels = isObject(given) ? given[who] : undefined
  if (levels === undefined || !isObject(levels)) return [who, index, ...more]
  return [who, Object.keys(levels)[Number(index)] ?? '']
}

/** Whether it is a map. */
export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mapMembers(given: Json, map: (member: Json, name: string) => Json): Json {
  if (!isObject(given)) return given
  return Object.fromEntries(
    Object.entries(given).map(([who, member]) => {
      const name = Object.hasOwn(NAMES, who) ? NAMES[who] : undefined
      return [who, name === undefined ? member : map(member, name)]
    }),
  )
}
