import { join } from 'node:path'
import type { Machine } from './machine.ts'
import { readIfThere } from './read-file.ts'

export type Section = ReadonlyMap<string, string>

/** The shared config and credentials files together. */
export interface SharedFiles {
  profile(name: string): Section | undefined
  session(name: string): Section | undefined
}

export async function readSharedFiles({ env, home }: Machine): Promise<SharedFiles> {
  const [config, credentials] = await Promise.all(
    [
      env.AWS_CONFIG_FILE || join(home, '.aws', 'config'),
      env.AWS_SHARED_CREDENTIALS_FILE || join(home, '.aws', 'credentials'),
    ].map(async (path) => parseIni((await readIfThere(path)) ?? '')),
  )
  return {
    profile: (name) => {
      const found = [
        config?.get(name === 'default' ? name : `profile ${name}`) ?? config?.get(`profile ${name}`),
        credentials?.get(name),
      ]
      const there = found.filter((section) => section !== undefined)
      return there.length === 0 ? undefined : new Map(there.flatMap((section) => [...section]))
    },
    session: (name) => config?.get(`sso-session ${name}`),
  }
}

/** Sections by name, blanks in it made one; what is indented belongs to services' settings and is passed over. */
export function parseIni(text: string): ReadonlyMap<string, Section> {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[([^\]]+)\]/.exec(line)?.[1]?.trim().replace(/\s+/g, ' ')
    if (header !== undefined) {
      section = sections.get(header) ?? new Map()
      sections.set(header, section)
      continue
    }
    const [, key, value = ''] = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*(?:\s[#;].*)?$/.exec(line) ?? []
    if (key !== undefined) section?.set(key.toLowerCase(), value)
  }
  return sections
}
